// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/world.h"

namespace gantry::sim {

/// Everything that can go wrong around the controller and the agents, drawn from the seed: the
/// weather of a run, which stays, and single blows.
class Faults {
 public:
  explicit Faults(World& world);

  /// How often messages, writes, probes and hints go wrong from now on.
  void begin();
  /// One blow; most are mended after a while.
  void strike();
  /// No fault is left, and everything is up.
  void end();

 private:
  SimNode& anyNode();
  void strikeNode();
  void strikeContainer();
  void strikeGit();
  void mendLater(std::function<void()> mend);

  World& world_;
  Clock& clock_;
};

}  // namespace gantry::sim
