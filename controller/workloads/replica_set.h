// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "controller/model/state.h"
#include "controller/workloads/pods.h"

namespace gantry::workloads {

struct ReplicaSetInputs {
  const schema::ReplicaSet& replicaSet;
  /// Those it owns, by name.
  std::vector<model::Ptr<model::Pod>> pods;
  base::Timestamp now;
};

struct ReplicaSetPlan {
  /// How many pods to create.
  int create = 0;
  std::string createReason;
  /// Which pods to delete: Kubernetes' order of victims (facts AT-RS-02).
  std::vector<DeletePod> deletions;
  schema::ReplicaSetStatus status;
  std::optional<base::Timestamp> revisitAt;
};

/// One step of a ReplicaSet: as many active pods as spec.replicas, none if it is being deleted.
/// Pods that are leaving (Pod::leaving) come on top of these. Failed and succeeded pods are
/// replaced and, beyond the three newest kept to be looked at, deleted; all of them once
/// spec.replicas is 0. `status` counts what was seen, before the plan is done; its conditions are
/// kept as they were (ReplicaFailure is set by who creates the pods). Pure.
ReplicaSetPlan planReplicaSet(const ReplicaSetInputs& inputs);

/// When a pod that is Ready becomes available; nothing if it is not Ready or is available already.
std::optional<base::Timestamp> nextAvailable(const model::Pod& pod, base::Duration minReady,
                                             base::Timestamp now);

}  // namespace gantry::workloads
