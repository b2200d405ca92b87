// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/retry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/delivery/health.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/records.h"
#include "controller/delivery/suspension.h"
#include "controller/delivery/waves.h"
#include "manifests/resource.h"

namespace gantry::delivery {
namespace {

constexpr char kTriedAgain[] = "; tried again in ";

const schema::Retry* policyOf(const schema::Application& application) {
  const schema::SyncPolicy& policy = application.spec().sync_policy();
  return policy.has_retry() ? &policy.retry() : nullptr;
}

bool isAnyLeft(const api::Plan& failed, const schema::Retry* policy) {
  return policy != nullptr && failed.attempt() < policy->limit();
}

std::int64_t secondsBefore(int attempt, const schema::Retry& policy) {
  const std::int64_t most = policy.max_backoff_seconds();
  std::int64_t seconds = policy.backoff_seconds();
  for (int i = 0; i < attempt && seconds < most; ++i) seconds *= 2;
  return std::min(seconds, most);
}

/// What of that which the plan has put is not healthy, and how it fares; empty if all is.
std::string whatIsNotWell(const api::Plan& plan, const model::State& state, base::Timestamp now) {
  for (const api::PlannedChange& change : plan.changes()) {
    const bool isIn =
        change.hook().empty() && change.action() != api::DELETE && hasBegun(plan, change);
    if (!isIn) continue;
    const manifests::ObjectKey key{change.kind(), change.namespace_(), change.name()};
    const Health health = healthOf(key, state, now);
    if (health.health != "Healthy") {
      return absl::StrCat(key.toString(), " is ", health.health, ": ", health.message);
    }
  }
  return {};
}

/// The newest that is not the repair of drift; null if there is none.
model::Ptr<api::Plan> newestPlan(const model::Name& application, const model::State& state) {
  const auto plans = plansOf(state, application);
  const auto newest = std::ranges::find_if(
      plans, [](const model::Ptr<api::Plan>& plan) { return plan->cause() != kCauseSelfHeal; });
  return newest == plans.end() ? nullptr : *newest;
}

}  // namespace

void planRetry(api::Plan& failed, const schema::Application& application, const model::State& state,
               base::Timestamp now) {
  const schema::Retry* policy = policyOf(application);
  if (policy == nullptr || isSuspended(application, now) ||
      findHold(state, model::nameOf(application), failed.revision()) != nullptr) {
    return;
  }
  const int tries = failed.attempt() + 1;
  std::string& message = *failed.mutable_message();
  if (!isAnyLeft(failed, policy)) {
    absl::StrAppend(&message, "; not tried again after ", tries,
                    tries == 1 ? " attempt" : " attempts");
    return;
  }
  const std::int64_t seconds = secondsBefore(failed.attempt(), *policy);
  failed.mutable_retry_at()->set_unix_ms(base::toUnixMs(now + std::chrono::seconds(seconds)));
  absl::StrAppend(&message, kTriedAgain, seconds, " s (attempt ", tries + 1, " of ",
                  policy->limit() + 1, ")");
}

Retry retryOf(const api::Plan& failed, const schema::Application& application,
              const model::State& state, base::Timestamp now) {
  Retry retry;
  const schema::Retry* policy = policyOf(application);
  const bool isFailed = failed.state() == api::FAILED && failed.has_retry_at();
  if (!isFailed || !isAnyLeft(failed, policy)) return retry;
  retry.at = base::fromUnixMs(failed.retry_at().unix_ms());
  if (*retry.at > now) return retry;
  retry.waitsFor = whatIsNotWell(failed, state, now);
  retry.isDue = retry.waitsFor.empty();
  // What becomes well does not say so here.
  if (!retry.isDue) retry.at = now + std::chrono::seconds(policy->backoff_seconds());
  return retry;
}

std::optional<api::Plan> withoutRetry(const model::Name& application, const model::State& state,
                                      const std::string& why, const schema::Revision* of) {
  const model::Ptr<api::Plan> newest = newestPlan(application, state);
  if (newest == nullptr || newest->state() != api::FAILED || !newest->has_retry_at()) {
    return std::nullopt;
  }
  if (of != nullptr && newest->revision().tree_hash() != of->tree_hash()) return std::nullopt;
  api::Plan plan = *newest;
  plan.clear_retry_at();
  const std::string before = plan.message().substr(0, plan.message().rfind(kTriedAgain));
  plan.set_message(absl::StrCat(before, "; not tried again: ", why));
  return plan;
}

bool goesOnTrying(const schema::Application& application, const std::string& commit,
                  const model::State& state, base::Timestamp now) {
  constexpr base::Duration kLongestWait = std::chrono::minutes(10);
  const model::Ptr<api::Plan> newest = newestPlan(model::nameOf(application), state);
  if (newest == nullptr || newest->revision().commit() != commit) return false;
  if (newest->state() == api::APPLYING) return newest->attempt() > 0;
  return newest->state() == api::FAILED && newest->has_retry_at() &&
         base::fromUnixMs(newest->retry_at().unix_ms()) + kLongestWait > now &&
         isAnyLeft(*newest, policyOf(application));
}

}  // namespace gantry::delivery
