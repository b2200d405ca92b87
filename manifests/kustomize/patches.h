// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "manifests/kustomize/kustomization.h"
#include "manifests/kustomize/object.h"

namespace gantry::manifests::kustomize {

/// Applies a patch of the kustomization in `root`: a strategic merge patch to what its target
/// selects, or, without one, to the object that it names; a JSON patch to what its target selects.
bool applyPatch(ObjectSet& set, const Patch& patch, const std::string& root, Build& build);

}  // namespace gantry::manifests::kustomize
