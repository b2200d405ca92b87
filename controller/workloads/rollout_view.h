// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/workloads/deployment.h"

namespace gantry::workloads {

/// One ReplicaSet of a Deployment while a step is planned. Inside workloads/ only.
struct SetView {
  /// Null if this step creates it; then `made` is what is created.
  model::Ptr<schema::ReplicaSet> seen;
  schema::ReplicaSet made{};
  /// What spec.replicas shall be; starts as what it is.
  int size = 0;
  /// Why `size` was changed; empty if it was not.
  std::string reason{};
  /// What its pods are: active, Ready, Ready long enough, and not yet ended for good.
  int active = 0;
  /// Active ones that wait for their replacement, which takes one place more.
  int leaving = 0;
  int ready = 0;
  int available = 0;
  int running = 0;
  /// All pods that there are records of.
  int pods = 0;
  bool isDeleted = false;

  const schema::ReplicaSet& object() const { return seen ? *seen : made; }
  const std::string& name() const { return object().metadata().name(); }
  int sizeSeen() const;
  /// Pods that hold a place of the rollout: those it is to have, or more until the surplus is told
  /// to go.
  int occupied() const { return std::max(size + leaving, active); }
  /// Pods that a scale-down is about to take.
  int surplus() const { return std::max(0, active - leaving - size); }
  /// Available pods that stay, since victims are taken from the others first.
  int availableKept() const { return std::min(size, available); }

  void resize(int to, std::string why);
};

/// A Deployment and its ReplicaSets while a step is planned. Inside workloads/ only.
struct RolloutView {
  const DeploymentInputs& in;
  int desired = 1;
  bool isRecreate = false;
  /// Bounds as they hold for the strategy: none for Recreate.
  int surge = 0;
  int unavailable = 0;
  base::Duration minReady{0};
  /// Nothing if the rollout may take for ever.
  std::optional<base::Duration> deadline{};
  bool isPaused = false;
  /// Oldest first.
  std::vector<SetView> sets{};
  /// Index of the one with the Deployment's template.
  std::optional<std::size_t> newestIndex{};

  SetView* newest() { return newestIndex ? &sets[*newestIndex] : nullptr; }
  const SetView* newest() const { return newestIndex ? &sets[*newestIndex] : nullptr; }
  bool isNewest(const SetView& set) const { return &set == newest(); }
  int maxTotal() const { return desired + surge; }
  int minAvailable() const { return desired - unavailable; }
};

/// spec.progressDeadlineSeconds, 600 s if it is not set; nothing if there is none.
std::optional<base::Duration> deadlineOf(const schema::DeploymentSpec& spec);

/// Reads the spec, with Kubernetes' defaults where a field is not set (AT-DEP-01), and counts pods.
RolloutView observe(const DeploymentInputs& inputs);

}  // namespace gantry::workloads
