// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "manifests/kustomize/kustomization.h"
#include "manifests/kustomize/object.h"

namespace gantry::manifests::kustomize {

/// Copies the value of its source to the fields of its targets.
bool applyReplacement(ObjectSet& set, const Replacement& replacement, Build& build);

}  // namespace gantry::manifests::kustomize
