// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "manifests/kustomize/object.h"

namespace gantry::manifests::kustomize {

/// Names have changed: wherever an object names another by one of its earlier names, the name that
/// it has now is written. Which fields those are: nameReferences(). A name that several objects
/// had, and that leads to different ones, is an error.
bool updateReferences(ObjectSet& set, Build& build);

}  // namespace gantry::manifests::kustomize
