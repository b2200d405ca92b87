// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/checkers/checker.h"

namespace gantry::sim {

/// No pod is bound to a node that has no room for it, is cordoned, or is not Ready.
class CapacityChecker final : public Checker {
 public:
  std::optional<std::string> check(const Commit& commit) override;
};

}  // namespace gantry::sim
