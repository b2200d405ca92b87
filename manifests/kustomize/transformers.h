// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "manifests/kustomize/kustomization.h"
#include "manifests/kustomize/object.h"

namespace gantry::manifests::kustomize {

/// What a kustomization does to all of its objects, one function each, in Kustomize's order.

/// Moves all that has a namespace into `ns`, gives its name to a Namespace, and sets the namespace
/// of the ServiceAccount "default" where a binding names it.
void setNamespace(ObjectSet& set, const Text& ns);
/// Puts text before and after the names; not of a Namespace.
void addNamePrefix(ObjectSet& set, const Text& prefix);
void addNameSuffix(ObjectSet& set, const Text& suffix);
void addLabels(ObjectSet& set, const LabelSet& labels);
void addAnnotations(ObjectSet& set, const Pairs& annotations);
bool setReplicas(ObjectSet& set, const Replicas& replicas, Build& build);
/// Every image of that name, wherever a list of containers is; warns if there is none.
void setImage(ObjectSet& set, const Image& image, Build& build);

}  // namespace gantry::manifests::kustomize
