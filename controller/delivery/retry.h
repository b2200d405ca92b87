// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::delivery {

/// How a plan that has failed goes on.
struct Retry {
  /// The same is planned again now.
  bool isDue = false;
  /// When it may be; nothing: it is not tried again by itself.
  std::optional<base::Timestamp> at = {};
  /// What it waits for beside the time, in one sentence; empty: nothing.
  std::string waitsFor = {};
};

/// Says in a plan that has just failed when it is tried again: after spec.syncPolicy.retry's
/// backoffSeconds, doubled by each attempt before, maxBackoffSeconds at most. Nothing if the policy
/// does not retry, or not that often, while the Application is suspended and if the revision is
/// held. Pure.
void planRetry(api::Plan& failed, const schema::Application& application, const model::State& state,
               base::Timestamp now);

/// Whether a failed plan is tried again now, by the policy of now. What it has put must be healthy
/// by then: an attempt that left it behind would break the order of the waves. Pure.
Retry retryOf(const api::Plan& failed, const schema::Application& application,
              const model::State& state, base::Timestamp now);

/// The newest plan, if it would be tried again, without that: `why` is in its message. Nothing if
/// it is of another revision than `of`; null: of any. Pure.
std::optional<api::Plan> withoutRetry(const model::Name& application, const model::State& state,
                                      const std::string& why, const schema::Revision* of = nullptr);

/// Whether the newest plan, which brings `commit`, is being tried again, or will be without anybody
/// being asked: not if it could not be for ten minutes, since what is in does not get healthy.
/// Pure.
bool goesOnTrying(const schema::Application& application, const std::string& commit,
                  const model::State& state, base::Timestamp now);

}  // namespace gantry::delivery
