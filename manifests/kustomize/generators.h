// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "manifests/kustomize/kustomization.h"
#include "manifests/kustomize/object.h"

namespace gantry::manifests::kustomize {

/// Makes the ConfigMap or Secret of a kustomization in `root` and adds it to the set, or replaces
/// or merges the one that is there, as its behavior says.
bool generate(ObjectSet& set, const Generator& generator, const std::string& root, Build& build);

}  // namespace gantry::manifests::kustomize
