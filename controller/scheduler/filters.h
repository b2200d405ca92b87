// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "controller/scheduler/scheduler.h"

namespace gantry::scheduler {

/// What a pod wants, worked out once for all nodes. Inside scheduler/ only; must not outlive
/// `spec`.
struct Demand {
  explicit Demand(const schema::PodSpec& podSpec)
      : spec(podSpec),
        requests(requestsOf(podSpec)),
        selectsNodes(!podSpec.node_selector().empty()) {}
  const schema::PodSpec& spec;
  Resources requests;
  bool selectsNodes;
};

/// The filters in the order in which they are asked; the first that says no is the one explained.
enum class Obstacle { kNone, kNotReady, kCordoned, kTaint, kLabel, kCpu, kMemory, kPods };

/// Why the node cannot take the pod. Allocates nothing.
Obstacle obstacleOf(const ClusterView::NodeView& node, const Demand& demand);

/// How many PreferNoSchedule taints of the node are not tolerated.
int unwantedTaints(const ClusterView::NodeView& node, const Demand& demand);

/// In words, without amounts: "cordoned", "tainted gpu=yes:NoSchedule". Nodes with the same words
/// are counted together.
std::string describe(Obstacle obstacle, const ClusterView::NodeView& node, const Demand& demand);

/// What is free of the resource that is too little: "wants 2Gi, 1.2Gi free"; empty for other
/// obstacles. `best` is what is free.
std::string describeAmounts(Obstacle obstacle, const Demand& demand, std::int64_t best);
std::int64_t freeOf(Obstacle obstacle, const ClusterView::NodeView& node);

}  // namespace gantry::scheduler
