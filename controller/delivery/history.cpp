// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/history.h"

namespace gantry::delivery {
namespace {

constexpr char kProgressing[] = "Progressing";
constexpr char kHealthy[] = "Healthy";
constexpr char kDegraded[] = "Degraded";

api::HistoryEntry ended(api::HistoryEntry entry, const std::string& outcome, base::Timestamp now) {
  entry.set_outcome(outcome);
  entry.mutable_finished_at()->set_unix_ms(base::toUnixMs(now));
  return entry;
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
  entry.mutable_started_at()->set_unix_ms(base::toUnixMs(now));
  entry.set_outcome(kProgressing);
  return entry;
}

std::optional<api::HistoryEntry> followRollout(const api::HistoryEntry& entry,
                                               const std::string& health, base::Timestamp now) {
  const bool open = entry.outcome() == kProgressing;
  if (health == kHealthy && (open || entry.outcome() == kDegraded)) {
    return ended(entry, kHealthy, now);
  }
  if (health == kDegraded && open) return ended(entry, kDegraded, now);
  return std::nullopt;
}

std::optional<api::HistoryEntry> supersede(const api::HistoryEntry& entry, base::Timestamp now) {
  if (entry.outcome() != kProgressing) return std::nullopt;
  return ended(entry, "Superseded", now);
}

}  // namespace gantry::delivery
