// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "controller/model/state.h"
#include "manifests/resource.h"

namespace gantry::delivery {

/// The object that a Pod is part of, which may be gone already: its Deployment, ReplicaSet or Job,
/// by their names for each other (workloads/revisions.h); else itself. Pure.
manifests::ObjectKey wholeOf(const model::Pod& pod);

/// The Pods that are part of the object, by name, also when that is gone. Looks at no others but
/// those whose names begin with its. Pure.
std::vector<model::Ptr<model::Pod>> podsLeftOf(const manifests::ObjectKey& key,
                                               const model::State& state);

}  // namespace gantry::delivery
