// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controller/workloads/rollout_view.h"

namespace gantry::workloads {

// One step each; they change the sizes in `view` and say whether they changed any.

/// Brings the newest ReplicaSet as near to the Deployment's replicas as the surge allows
/// (AT-DEP-06), or down to them.
bool growNewest(RolloutView& view);

/// Takes old pods away as far as enough stay available: those that are not available first, oldest
/// ReplicaSet first (Kubernetes' reconcileOldReplicaSets).
bool shrinkOld(RolloutView& view);

/// All old ReplicaSets to 0 (Recreate).
bool emptyOld(RolloutView& view);

/// Whether spec.replicas is not what ReplicaSets in use were sized for.
bool isScaled(const RolloutView& view);

/// Whether `scale` would add pods while others, that are to go, were not told so yet: together they
/// would be too many for a moment.
bool mustWaitToScale(RolloutView& view);

/// Follows spec.replicas without going on with the rollout: the only ReplicaSet in use gets all;
/// several get their share (AT-DEP-19).
bool scale(RolloutView& view);

}  // namespace gantry::workloads
