// SPDX-License-Identifier: Apache-2.0
#include "app/client/plan_outline.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace gantry::client {
namespace {

constexpr char kSync[] = "Sync";
constexpr char kPrune[] = "Prune";
constexpr char kSyncFail[] = "SyncFail";
constexpr char kWaiting[] = "Waiting";

constexpr std::size_t kShownObjects = 5;

std::string phaseOf(const api::PlannedChange& change) {
  if (!change.hook().empty()) return change.hook();
  return change.action() == api::DELETE ? kPrune : kSync;
}

std::string titleOf(const api::Wave& wave) {
  if (wave.phase() == kSyncFail) return "if one fails";
  return absl::StrCat(wave.phase() == kSync ? "wave" : wave.phase(), " ", wave.number());
}

std::string stateOf(const api::Wave& wave) {
  if (wave.state().empty() || wave.state() == kWaiting) return wave.message();
  return absl::StrCat(wave.state(), wave.message().empty() ? "" : ": ", wave.message());
}

/// As the controller would go through them; none if it is all one step, or not done in steps.
std::vector<api::Wave> expectedWaves(const api::Plan& plan) {
  static const std::array<std::string, 5> phases = {"PreSync", kSync, kPrune, "PostSync",
                                                    kSyncFail};
  const bool isAtOnce = plan.cause() == "rollback" || plan.cause() == "self-heal";
  std::vector<api::Wave> waves;
  std::set<int> numbers;
  bool hasHooks = false;
  for (const std::string& phase : phases) {
    std::set<int> ofPhase;
    for (const api::PlannedChange& change : plan.changes()) {
      if (phaseOf(change) == phase) ofPhase.insert(change.wave());
      hasHooks |= !change.hook().empty();
    }
    std::vector<int> order(ofPhase.begin(), ofPhase.end());
    if (phase == kPrune) std::ranges::reverse(order);
    for (const int number : order) {
      api::Wave& wave = waves.emplace_back();
      wave.set_phase(phase);
      wave.set_number(number);
    }
    numbers.merge(ofPhase);
  }
  if (isAtOnce || (!hasHooks && numbers.size() < 2)) return {};
  return waves;
}

}  // namespace

ChangeCounts countChanges(const api::Plan& plan) {
  ChangeCounts counts;
  for (const api::PlannedChange& change : plan.changes()) {
    if (!change.hook().empty()) {
      ++counts.hooks;
    } else if (change.action() == api::CREATE) {
      ++counts.created;
    } else if (change.action() == api::DELETE) {
      ++counts.deleted;
    } else {
      ++counts.changed;
    }
  }
  return counts;
}

std::string objectName(const api::PlannedChange& change) {
  return absl::StrCat(change.kind(), " ",
                      change.namespace_().empty() ? "" : change.namespace_() + "/", change.name());
}

std::string versionOf(const api::PlannedChange& change) {
  const bool hashed = !change.before_hash().empty() || !change.after_hash().empty();
  return hashed ? absl::StrCat(change.before_hash(), "/", change.after_hash())
                : absl::StrCat(change.before_yaml(), "/", change.after_yaml());
}

std::string PodPlace::where() const {
  return node.empty() ? absl::StrCat("without a place (", explanation, ")")
                      : absl::StrCat("on ", node);
}

std::vector<PodsOfOwner> podsByOwner(const api::PlanEffect& effect) {
  // Whether nowhere, then the node or the reason: those that fit come first.
  using Place = std::tuple<bool, std::string, std::string>;
  std::map<std::string, std::map<Place, int>> placed;
  for (const api::PlannedPod& pod : effect.placements()) {
    const bool fits = !pod.node().empty();
    ++placed[pod.owner()][{!fits, pod.node(), fits ? "" : pod.explanation()}];
  }
  std::vector<PodsOfOwner> owners;
  for (const auto& [owner, places] : placed) {
    PodsOfOwner& pods = owners.emplace_back(PodsOfOwner{owner, {}});
    for (const auto& [place, count] : places) {
      pods.places.push_back({count, std::get<1>(place), std::get<2>(place)});
    }
  }
  return owners;
}

std::string describeBudget(const api::DisruptionBudgetEffect& budget) {
  return absl::StrCat("PodDisruptionBudget ", budget.budget(), " ", budget.explanation());
}

std::vector<PlanStep> stepsOf(const api::Plan& plan) {
  std::vector<PlanStep> steps;
  std::vector<api::Wave> waves(plan.waves().begin(), plan.waves().end());
  if (waves.empty()) waves = expectedWaves(plan);
  for (const api::Wave& wave : waves) {
    PlanStep& step = steps.emplace_back();
    step.title = titleOf(wave);
    step.state = stateOf(wave);
    step.wave = wave;
    for (const api::PlannedChange& change : plan.changes()) {
      if (phaseOf(change) != wave.phase() || change.wave() != wave.number()) continue;
      if (step.objects.size() < kShownObjects) {
        step.objects.push_back(objectName(change));
      } else {
        ++step.more;
      }
    }
  }
  return steps;
}

}  // namespace gantry::client
