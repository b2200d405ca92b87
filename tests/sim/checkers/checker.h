// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/sim/view.h"

namespace gantry::sim {

/// One commit, as it is on the disk.
struct Commit {
  /// With the commit in it.
  const View& view;
  const std::vector<Touched>& touched;
  base::Timestamp now;
  /// It was made by a stranger who goes past Git, and not by the controller.
  bool isStrangers = false;
};

/// Looks at every commit; what it answers is a rule that was broken, in one line. A checker works
/// out by itself what it holds the controller to: it calls nothing that decides.
class Checker {
 public:
  virtual ~Checker() = default;
  virtual std::optional<std::string> check(const Commit& commit) = 0;
};

}  // namespace gantry::sim
