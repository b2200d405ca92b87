// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::workloads {

/// What a Deployment's reconciler looks at. Nothing else decides.
struct DeploymentInputs {
  const schema::Deployment& deployment;
  /// Those it owns, by name.
  std::vector<model::Ptr<schema::ReplicaSet>> replicaSets;
  /// Those of its ReplicaSets, by name.
  std::vector<model::Ptr<model::Pod>> pods;
  base::Timestamp now;
};

struct CreateReplicaSet {
  schema::ReplicaSet replicaSet;
  std::string reason;
};
/// Replaces spec.replicas, annotations or both; the new object whole.
struct UpdateReplicaSet {
  schema::ReplicaSet replicaSet;
  std::string reason;
};
struct DeleteReplicaSet {
  model::Name name;
  std::string reason;
};
using DeploymentAction = std::variant<CreateReplicaSet, UpdateReplicaSet, DeleteReplicaSet>;

struct DeploymentPlan {
  /// In the order in which they are to be done.
  std::vector<DeploymentAction> actions;
  schema::DeploymentStatus status;
  /// When to look again although nothing has changed (minReadySeconds, progress deadline).
  std::optional<base::Timestamp> revisitAt;
};

/// One step of a Deployment, in one direction; do it and plan again until there is nothing to do.
/// Rolling update with Kubernetes' fence posts (facts AT-DEP-04 to 06),
/// Recreate, rollover, proportional scaling (AT-DEP-19), pause, deadline, revision history. Pure.
/// The uid of a new ReplicaSet is left empty: who carries out the action gives it. A name that is
/// taken by a ReplicaSet of another owner is not seen here: raise status.collision_count and plan
/// again. A Deployment that is being deleted gets a status and no actions.
///
/// Two things differ from Kubernetes, both to keep the bounds at every moment. Pods count until
/// they are told to go, even if their ReplicaSet was made smaller already. While the rollout is
/// paused, sizes change only when spec.replicas does.
DeploymentPlan planDeployment(const DeploymentInputs& inputs);

/// The bounds of a rolling update.
struct FencePosts {
  int surge = 0;
  int unavailable = 0;
};

/// surge rounds up, unavailable rounds down; both 0 gives unavailable 1 (Kubernetes'
/// ResolveFenceposts).
FencePosts resolveFencePosts(const schema::DeploymentSpec& spec);

/// How far a rollout is, in the words of `gantry rollout status`.
struct RolloutState {
  enum class Phase { kComplete, kProgressing, kPaused, kFailed };
  Phase phase = Phase::kProgressing;
  /// "2 of 3 new replicas are ready: front-7d9-x2k: readiness probe: HTTP 503"
  std::string message;
};

/// A pod as rolloutState looks at it. `status` must outlive the call.
struct PodReport {
  std::string pod;
  const schema::PodStatus& status;
};

/// Reads the phase from a Deployment's status as `kubectl rollout status` does and, for the
/// message, the first reason of failure from `pods`: those of the newest ReplicaSet, by name. Pure.
RolloutState rolloutState(const schema::Deployment& deployment, const std::vector<PodReport>& pods);

/// Why a pod is not Ready, in a few words, where something failed: it cannot be scheduled, an image
/// cannot be pulled, a container crashes (with its exit code), a probe fails. Empty if nothing did.
std::string failureOf(const schema::PodStatus& status);

}  // namespace gantry::workloads
