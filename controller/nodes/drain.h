// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "controller/model/state.h"
#include "controller/workloads/deployment.h"
#include "controller/workloads/disruption.h"

namespace gantry::nodes {

/// Pods that stand for each other: those of one Deployment, or of a ReplicaSet that has none.
struct PodGroup {
  int desired = 0;
  workloads::FencePosts posts;
  base::Duration minReady{0};
  struct Set {
    int desired = 0;
    std::vector<model::Ptr<model::Pod>> pods;
  };
  std::vector<Set> sets;
};

struct DrainStep {
  /// To be told to go now.
  std::vector<model::Ptr<model::Pod>> deletions;
  /// To be replaced first: their ReplicaSet makes one pod more for each (Pod::leaving).
  std::vector<model::Ptr<model::Pod>> leaving;
  /// What keeps pods from going now.
  std::vector<workloads::InTheWay> inTheWay;
  /// When a pod becomes available by time alone.
  std::optional<base::Timestamp> revisitAt;
};

/// What a drain does next with the pods of one group on the node. Those that are not available go
/// at once: nobody misses them. Of the others so many go as keeps replicas − maxUnavailable
/// available without them; if that is none, so many are replaced first as replicas + maxSurge
/// leaves room for. Pods that a scale-down is about to take are counted as gone. What goes is taken
/// out of `budgets`; what they keep is replaced first, too. Pure.
DrainStep planDrain(const PodGroup& group, const std::string& node, base::Timestamp now,
                    workloads::Disruptions& budgets);

/// The group of a Deployment. Recreate never surges and goes pod by pod.
PodGroup groupOf(const model::State& state, const schema::Deployment& deployment);
/// The group of a ReplicaSet that has no Deployment: one pod is replaced after the other.
PodGroup groupOf(const model::State& state, const schema::ReplicaSet& set);

}  // namespace gantry::nodes
