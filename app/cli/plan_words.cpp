// SPDX-License-Identifier: Apache-2.0
#include "app/cli/plan_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "app/cli/columns.h"
#include "app/client/plan_outline.h"
#include "base/time.h"
#include "manifests/decode/quantity.h"

namespace gantry::cli {
namespace {

std::string formatDelta(std::int64_t delta, const std::string& text) {
  return delta > 0 ? "+" + text : text;
}

}  // namespace

std::string formatCounts(const api::Plan& plan) {
  if (plan.changes().empty()) return "no changes";
  const auto [created, changed, deleted, hooks] = client::countChanges(plan);
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

}  // namespace gantry::cli
