// SPDX-License-Identifier: Apache-2.0
#include "app/cli/plan_words.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "app/cli/columns.h"
#include "base/time.h"
#include "manifests/decode/quantity.h"

namespace gantry::cli {
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

std::string formatDelta(std::int64_t delta, const std::string& text) {
  return delta > 0 ? "+" + text : text;
}

}  // namespace

std::string formatCounts(const api::Plan& plan) {
  if (plan.changes().empty()) return "no changes";
  int hooks = 0, created = 0, changed = 0, deleted = 0;
  for (const api::PlannedChange& change : plan.changes()) {
    if (!change.hook().empty()) {
      ++hooks;
    } else if (change.action() == api::CREATE) {
      ++created;
    } else if (change.action() == api::DELETE) {
      ++deleted;
    } else {
      ++changed;
    }
  }
  return absl::StrCat(
      created, " created, ", changed, " changed, ", deleted, " deleted",
      hooks == 0 ? "" : absl::StrCat(", ", hooks, hooks == 1 ? " hook run" : " hooks run"));
}

std::string formatTotals(const api::PlanEffect& effect) {
  return absl::StrCat(
      effect.pods_restarted(), " pods restart, ", effect.pods_created(), " created, ",
      effect.pods_deleted(), " deleted; requests ",
      formatDelta(effect.cpu_millis_delta(), manifests::formatMillis(effect.cpu_millis_delta())),
      " CPU, ",
      formatDelta(effect.memory_bytes_delta(), manifests::formatBytes(effect.memory_bytes_delta())),
      " memory");
}

std::string describeBase(const api::Plan& plan) {
  return plan.base().commit().empty() ? "nothing" : describeRevision(plan.base());
}

std::string objectName(const api::PlannedChange& change) {
  return absl::StrCat(change.kind(), " ",
                      change.namespace_().empty() ? "" : change.namespace_() + "/", change.name());
}

std::string noteOn(const api::PlannedChange& change) {
  std::vector<std::string> notes;
  if (!change.reason().empty()) notes.push_back(change.reason());
  if (!change.hook().empty()) notes.push_back(change.hook());
  if (change.wave() != 0) notes.push_back(absl::StrCat("wave ", change.wave()));
  return notes.empty() ? "" : absl::StrCat(" (", absl::StrJoin(notes, ", "), ")");
}

std::string describeGate(const api::Gate& gate, const std::optional<base::Timestamp>& now) {
  std::string text = gate.kind();
  if (!gate.message().empty()) absl::StrAppend(&text, ": ", gate.message());
  if (gate.has_opens_at()) {
    const base::Timestamp opensAt = base::fromUnixMs(gate.opens_at().unix_ms());
    absl::StrAppend(&text, now ? ", in " + base::formatAge(opensAt - *now)
                               : ", at " + base::formatRfc3339(opensAt));
  }
  if (!gate.open() && gate.may_be_overridden()) text += " (may be overridden)";
  return text;
}

std::vector<PlanStep> stepsOf(const api::Plan& plan) {
  std::vector<PlanStep> steps;
  std::vector<api::Wave> waves(plan.waves().begin(), plan.waves().end());
  if (waves.empty()) waves = expectedWaves(plan);
  for (const api::Wave& wave : waves) {
    PlanStep& step = steps.emplace_back();
    step.title = titleOf(wave);
    step.state = stateOf(wave);
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

}  // namespace gantry::cli
