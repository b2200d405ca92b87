// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "controller/workloads/rollout_view.h"

namespace gantry::workloads {

/// What a step did, as far as the Progressing condition tells of it.
struct StepTaken {
  bool createdNewest = false;
  /// An old ReplicaSet is the newest again.
  bool foundNewest = false;
  /// The rollout was looked at; not so while paused or scaling, when no deadline runs.
  bool isRollout = false;
};

/// Counts and conditions with Kubernetes' reasons (AT-DEP-12 to 15), starting from `status`, which
/// is the one before with collision_count as this step left it. A condition that says the same
/// keeps its times, so that nothing is written where nothing happened. Pure.
schema::DeploymentStatus statusAfter(const RolloutView& view, const StepTaken& step,
                                     schema::DeploymentStatus status);

/// All replicas are of the newest template and available, and no others are left (AT-DEP-15).
bool isComplete(const RolloutView& view, const schema::DeploymentStatus& status);

/// When time alone changes the status or lets the rollout go on.
std::optional<base::Timestamp> nextLook(const RolloutView& view,
                                        const schema::DeploymentStatus& status);

}  // namespace gantry::workloads
