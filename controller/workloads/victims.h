// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/time.h"
#include "controller/model/pod.h"
#include "controller/model/state.h"

namespace gantry::workloads {

/// Active pods in the order in which a ReplicaSet gives them up (Kubernetes' ActivePodsWithRanks):
/// not bound to a node, Pending, not Ready, lower pod-deletion-cost, more of these pods on the same
/// node, Ready for less time, more restarts, newer, name. One rule is added after "not Ready": pods
/// that are Ready but not yet for `minReady` go before those that are available, so that scaling
/// down never takes an available pod while another would do. Pure.
std::vector<model::Ptr<model::Pod>> victimOrder(std::vector<model::Ptr<model::Pod>> activePods,
                                                base::Duration minReady, base::Timestamp now);

}  // namespace gantry::workloads
