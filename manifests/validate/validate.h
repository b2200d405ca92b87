// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "manifests/decode/decode.h"
#include "manifests/resource.h"

namespace gantry::manifests {

/// What is wrong with one object, defaults applied: names, ranges, references within it. Each is
/// located at its field where the resource was decoded from a file. Pure.
std::vector<Diagnostic> validate(const Resource& resource);

/// What is wrong between objects of a set: a Service that selects no pod (a warning), a ConfigMap
/// that a pod needs and nobody defines (a warning), two Services with one nodePort (an error).
/// Pure.
std::vector<Diagnostic> validateSet(const std::vector<Resource>& resources);

/// What may not change from one revision of an object to the next (option `immutable`). Pure.
std::vector<Diagnostic> validateUpdate(const Resource& before, const Resource& after);

}  // namespace gantry::manifests
