// SPDX-License-Identifier: Apache-2.0
#include "controller/nodes/readiness.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "manifests/resource.h"

namespace gantry::nodes {
namespace {

constexpr base::Duration kHeartbeatWritten = std::chrono::minutes(5);

const schema::Condition* find(const schema::NodeStatus& status, const std::string& type) {
  const auto& conditions = status.conditions();
  const auto found = std::ranges::find(conditions, type, &schema::Condition::type);
  return found == conditions.end() ? nullptr : &*found;
}

schema::Condition& findOrAdd(schema::NodeStatus& status, const std::string& type) {
  for (schema::Condition& condition : *status.mutable_conditions()) {
    if (condition.type() == type) return condition;
  }
  schema::Condition& added = *status.add_conditions();
  added.set_type(type);
  return added;
}

void set(schema::Condition& condition, const char* status, std::string reason,
         std::string message) {
  condition.set_status(status);
  condition.set_reason(std::move(reason));
  condition.set_message(std::move(message));
}

void keepTransitionTimes(const schema::NodeStatus& before, schema::NodeStatus& after,
                         base::Timestamp now) {
  for (schema::Condition& condition : *after.mutable_conditions()) {
    const schema::Condition* old = find(before, condition.type());
    const bool same = old != nullptr && old->status() == condition.status();
    condition.mutable_last_transition_time()->set_unix_ms(
        same ? old->last_transition_time().unix_ms() : base::toUnixMs(now));
    condition.clear_last_update_time();
  }
}

}  // namespace

Readiness readinessOf(const Contact& contact, base::Duration lease) {
  if (contact.silence >= lease) return Readiness::kLost;
  if (!contact.report) return Readiness::kUnheard;
  const schema::Condition* ready = find(*contact.report, "Ready");
  return ready != nullptr && ready->status() == "False" ? Readiness::kNotReady : Readiness::kReady;
}

schema::NodeStatus statusFor(const schema::Node& node, const Contact& contact, base::Duration lease,
                             base::Timestamp now) {
  const Readiness readiness = readinessOf(contact, lease);
  if (readiness == Readiness::kUnheard) return node.status();
  schema::NodeStatus status = contact.report.value_or(node.status());
  schema::Condition& ready = findOrAdd(status, "Ready");
  if (readiness == Readiness::kLost) {
    set(ready, "Unknown", "AgentSilent",
        absl::StrCat("the agent has been silent since ", base::formatRfc3339(contact.silentSince)));
  } else if (readiness == Readiness::kReady) {
    set(ready, "True", "AgentReady", "the agent is heard and can run pods");
  }
  keepTransitionTimes(node.status(), status, now);
  const std::int64_t writtenMs = node.status().last_heartbeat().unix_ms();
  status.mutable_last_heartbeat()->set_unix_ms(writtenMs);
  const bool isOld = base::fromUnixMs(writtenMs) + kHeartbeatWritten <= contact.silentSince;
  if (isOld || !manifests::sameContent(status, node.status())) {
    status.mutable_last_heartbeat()->set_unix_ms(base::toUnixMs(contact.silentSince));
  }
  return status;
}

const schema::Condition* readyCondition(const schema::Node& node) {
  return find(node.status(), "Ready");
}

bool isReady(const schema::Node& node) {
  const schema::Condition* ready = readyCondition(node);
  return ready != nullptr && ready->status() == "True";
}

}  // namespace gantry::nodes
