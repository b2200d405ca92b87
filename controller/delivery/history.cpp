// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/history.h"

#include <algorithm>

namespace gantry::delivery {
namespace {

constexpr char kProgressing[] = "Progressing";
constexpr char kHealthy[] = "Healthy";
constexpr char kDegraded[] = "Degraded";
constexpr char kSuperseded[] = "Superseded";

api::HistoryEntry ended(api::HistoryEntry entry, const std::string& outcome, base::Timestamp now) {
  entry.set_outcome(outcome);
  entry.mutable_finished_at()->set_unix_ms(base::toUnixMs(now));
  return entry;
}

/// The entry when it is healthy no longer; nothing if it was not.
std::optional<api::HistoryEntry> endHealthySpan(const api::HistoryEntry& entry,
                                                base::Timestamp now) {
  if (!entry.has_healthy_at()) return std::nullopt;
  api::HistoryEntry closed = entry;
  const std::int64_t span = base::toUnixMs(now) - entry.healthy_at().unix_ms();
  closed.set_healthy_for_ms(std::max(entry.healthy_for_ms(), span));
  closed.clear_healthy_at();
  return closed;
}

}  // namespace

api::HistoryEntry beginHistory(const api::Plan& plan, base::Timestamp now) {
  api::HistoryEntry entry;
  entry.set_name(plan.name());
  entry.set_namespace_(plan.namespace_());
  entry.set_application(plan.application());
  *entry.mutable_revision() = plan.revision();
  *entry.mutable_previous() = plan.base();
  entry.set_plan(plan.name());
  entry.set_digest(plan.digest());
  entry.set_cause(plan.cause());
  entry.set_initiator(plan.initiator());
  entry.set_reason(plan.reason());
  *entry.mutable_approvals() = plan.approvals();
  if (plan.has_override()) *entry.mutable_override() = plan.override();
  entry.mutable_started_at()->set_unix_ms(base::toUnixMs(now));
  entry.set_outcome(kProgressing);
  return entry;
}

std::optional<api::HistoryEntry> followRollout(const api::HistoryEntry& entry,
                                               const std::string& health, base::Timestamp now,
                                               bool wasWatched) {
  const bool open = entry.outcome() == kProgressing;
  if (health == kHealthy) {
    if (entry.has_healthy_at() || entry.outcome() == kSuperseded) return std::nullopt;
    api::HistoryEntry followed =
        open || entry.outcome() == kDegraded ? ended(entry, kHealthy, now) : entry;
    followed.mutable_healthy_at()->set_unix_ms(base::toUnixMs(now));
    return followed;
  }
  std::optional<api::HistoryEntry> followed = endHealthySpan(entry, now);
  if (followed && !wasWatched) followed->set_healthy_for_ms(entry.healthy_for_ms());
  if (health == kDegraded && open) followed = ended(followed.value_or(entry), kDegraded, now);
  return followed;
}

api::HistoryEntry failRollout(const api::HistoryEntry& entry, base::Timestamp now) {
  return ended(entry, kDegraded, now);
}

std::optional<api::HistoryEntry> supersede(const api::HistoryEntry& entry, base::Timestamp now) {
  std::optional<api::HistoryEntry> closed = endHealthySpan(entry, now);
  if (entry.outcome() == kProgressing) closed = ended(closed.value_or(entry), kSuperseded, now);
  return closed;
}

}  // namespace gantry::delivery
