// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>

#include "tests/sim/checkers/checker.h"

namespace gantry::sim {

/// Lives go one way: phases of pods and states of plans only rise (but for an approved plan whose
/// approvals no longer count, which waits again), a pod is bound once and never
/// comes back once it is told to go, a uid that is gone is never used again, generations only grow.
class LifeChecker final : public Checker {
 public:
  std::optional<std::string> check(const Commit& commit) override;

 private:
  std::optional<std::string> checkPod(const model::Pod* before, const model::Pod* after);

  std::set<std::string> goneUids_;
};

}  // namespace gantry::sim
