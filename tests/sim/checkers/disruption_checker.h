// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/checkers/checker.h"

namespace gantry::sim {

/// A drain takes no pod that a PodDisruptionBudget keeps: afterwards as many pods are Ready as
/// every budget for it asks for; one that is not Ready goes only where enough others are. Nodes
/// that are lost are left out: what was on them is gone already. The simulator's budgets are for
/// the pods of one Deployment each.
class DisruptionChecker final : public Checker {
 public:
  std::optional<std::string> check(const Commit& commit) override;

 private:
  static std::optional<std::string> judge(const Commit& commit, const model::Pod& taken);
};

}  // namespace gantry::sim
