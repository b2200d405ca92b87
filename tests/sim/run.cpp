// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/run.h"

#include "absl/strings/str_cat.h"
#include "tests/sim/convergence.h"
#include "tests/sim/faults.h"
#include "tests/sim/people/people.h"

namespace gantry::sim {
namespace {

using base::Duration;

constexpr int kSteps = 40;
constexpr Duration kLongestStep{3'000};
/// Within this time after the last fault everything must be as Git says. The longest waits in the
/// code: Git is asked again after 2 minutes at most, a store's conflict after 1, a full rollout
/// takes less than 1.
constexpr Duration kBound{420'000};
/// How long it must then stay so.
constexpr Duration kStays{8'000};
constexpr Duration kLook{1'000};

class Run {
 public:
  Run(std::uint64_t seed, bool isPrinted)
      : world_(seed, isPrinted), people_(world_), faults_(world_) {}

  RunResult run() {
    people_.begin();
    world_.clock().after(Duration(1), [this] {
      world_.startController();
      for (const auto& node : world_.nodes()) node->startAgent();
    });
    if (world_.run(Duration(12'000)) && trouble()) converge();
    Clock& clock = world_.clock();
    return {world_.broken(), clock.trace().hash(), clock.events(), clock.elapsed().count()};
  }

 private:
  bool trouble() {
    Clock& clock = world_.clock();
    faults_.begin();
    for (int i = 0; i < kSteps; ++i) {
      // As events, so that a crash in the middle of an act is one of the process that it hit.
      clock.after(Duration(0), [this, &clock] {
        if (clock.oneIn(3)) faults_.strike();
        if (world_.controller() != nullptr) people_.act();
      });
      if (!world_.run(clock.between(Duration(100), kLongestStep))) return false;
    }
    clock.after(Duration(0), [this] {
      faults_.end();
      people_.agree();
    });
    return true;
  }

  void converge() {
    std::string lack = "nothing has happened yet";
    Duration settled{0};
    for (Duration past{0}; past < kBound; past += kLook) {
      if (past.count() % 5'000 == 0)
        world_.clock().after(Duration(0), [this] { people_.insist(); });
      if (!world_.run(kLook)) return;
      lack = missing(world_, people_.folders());
      if (!lack.empty() && settled > Duration(0)) {
        return world_.fail(absl::StrCat("had converged, and no longer: ", lack));
      }
      if (lack.empty() && (settled += kLook) >= kStays) return;
    }
    world_.fail(
        absl::StrCat("not converged ", kBound.count() / 1000, " s after the last fault: ", lack));
  }

  World world_;
  People people_;
  Faults faults_;
};

}  // namespace

RunResult run(std::uint64_t seed, bool isPrinted) {
  return Run(seed, isPrinted).run();
}

}  // namespace gantry::sim
