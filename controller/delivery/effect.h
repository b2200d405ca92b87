// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "controller/model/state.h"
#include "manifests/render/folder.h"

namespace gantry::delivery {

/// What applying `changes` does to pods, judged on the cluster as it is now: a Deployment whose
/// template changes restarts its pods, a paused one does not; a ConfigMap or Secret alone restarts
/// nothing. New pods are placed one after the other as a rolling update would, old ones making room
/// within maxSurge and maxUnavailable. Of PodDisruptionBudgets it names those whose pods go, and
/// how few of them stay. Walks all pods once. Pure.
api::PlanEffect effectOf(const std::vector<api::PlannedChange>& changes,
                         const manifests::RenderedSet& desired, const model::State& state);

}  // namespace gantry::delivery
