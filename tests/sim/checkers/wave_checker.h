// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "tests/sim/checkers/checker.h"
#include "tests/sim/checkers/rendering.h"

namespace gantry::sim {

/// One thing at a time: what a plan brings in goes by the waves that Git names, each once the one
/// before it is healthy: first the PreSync Jobs, then what is made and changed, then what is
/// deleted, then the PostSync Jobs. Where one fails nothing follows, and the plan fails once its
/// SyncFail Jobs have run, which run in no other case; a plan is applied once all of it is. Reads
/// waves and hooks from Git, and health from what is in the store; what the plan says of its waves
/// is not looked at.
class WaveChecker final : public Checker {
 public:
  explicit WaveChecker(Rendering& rendering) : rendering_(rendering) {}

  std::optional<std::string> check(const Commit& commit) override;

 private:
  enum class Phase { kPreSync, kSync, kPrune, kPostSync, kSyncFail };

  struct Step {
    manifests::ObjectKey key;
    bool isDeleted = false;
    bool isBegun = false;
    /// It was once, after it had begun: what follows from that may come when it is better.
    bool wasBad = false;
  };
  /// What is done at the same time.
  struct Stage {
    std::vector<Step> steps;
    /// All of it was begun and healthy at the end of a commit.
    bool isDone = false;
  };
  /// In their order: the number of a wave, downwards where it is deleted.
  using Rank = std::tuple<Phase, int>;
  using Stages = std::map<Rank, Stage>;

  static Phase phaseOf(const std::string& hook);
  static std::string titleOf(const Rank& rank);
  Stages stagesOf(const Commit& commit, const api::Plan& plan);
  std::optional<std::string> checkPlan(const Commit& commit, const Touched& touched);
  static std::optional<std::string> begin(const Commit& commit, const Rank& rank, Stages& stages);
  static std::optional<std::string> checkAtOnce(const Stages& stages);
  static std::optional<std::string> checkEnd(const Commit& commit, const api::Plan& plan,
                                             const Stages& stages);
  static bool isAnyBad(const Commit& commit, const Stages& stages);
  static void follow(const Commit& commit, Stages& stages);

  Rendering& rendering_;
  /// By the names of the plans that are being applied.
  std::map<model::Name, Stages> plans_;
};

}  // namespace gantry::sim
