// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "manifests/kustomize/object.h"

namespace gantry::manifests::kustomize {

/// The hash of a ConfigMap's or Secret's content that Kustomize makes part of its name: the first
/// ten digits of a SHA-256 over its kind and data as JSON, in letters that make no words
/// (kustomize: api/hasher/hasher.go). If something of it was encrypted, the hash has the keys of
/// those files (Opened::hashKey), and is none of Kustomize's.
std::string contentSuffix(const Object& object, const Build& build);

/// Adds it to the name of every object that asks for it.
void addContentSuffixes(ObjectSet& set, const Build& build);

}  // namespace gantry::manifests::kustomize
