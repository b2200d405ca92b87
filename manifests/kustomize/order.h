// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "manifests/kustomize/kustomization.h"
#include "manifests/kustomize/object.h"

namespace gantry::manifests::kustomize {

/// Kustomize's order: by kind, what others need first; or, with `order: fifo`, as they were read.
void sortObjects(ObjectSet& set, const SortOptions& options);

}  // namespace gantry::manifests::kustomize
