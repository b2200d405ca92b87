// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::workloads {

/// For how long a pod that was Ready may be without it before that counts.
inline constexpr base::Duration kUnreadyCounts(30'000);

/// What keeps a Deployment that was rolled out from having the pods that it needs.
struct Shortfall {
  /// It is the pods' own doing: not that of the nodes they are on, and not that they still start.
  bool isFault = false;
  /// "0 of 2 replicas are available: front-7d9-x2k: web: CrashLoopBackOff"; empty if it is no
  /// fault.
  std::string message = {};
  /// When it may become one although nothing else changes.
  std::optional<base::Timestamp> changesAt = {};
};

/// Judges a Deployment whose newest template was available once, all of it: before that the rollout
/// says how it fares, and its progressDeadlineSeconds. It is a fault once so many of `pods`, those
/// of the newest ReplicaSet, are bad that fewer than replicas − maxUnavailable can be available,
/// or none. A pod is bad
///
/// - at once if it crashes again and again, or waits for an image or a configuration that cannot be
///   had;
/// - when it has been Ready, and has not been so for kUnreadyCounts;
/// - when it is younger than the rollout, as one that replaces another is, or its node was not
/// Ready
///   since: at progressDeadlineSeconds after that, since it may still start.
///
/// It is never bad while its node is gone, not Ready or drained, while it has no node, and once it
/// leaves or was told to go. Pure.
Shortfall shortfallOf(const schema::Deployment& deployment,
                      const std::vector<model::Ptr<model::Pod>>& pods, const model::State& state,
                      base::Timestamp now);

}  // namespace gantry::workloads
