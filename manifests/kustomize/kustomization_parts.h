// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "manifests/kustomize/kustomization.h"

namespace gantry::manifests::kustomize {

// The elements of a kustomization's lists. `path` is the way to `node`: "patches[0]". Each answers
// whether all is well; what is not was reported.

bool readPatch(const Node& node, const std::string& path, Build& build, Patch& out);
bool readImage(const Node& node, const std::string& path, Build& build, Image& out);
bool readReplicas(const Node& node, const std::string& path, Build& build, Replicas& out);
bool readLabels(const Node& node, const std::string& path, Build& build, LabelSet& out);
bool readGeneratorOptions(const Node& node, const std::string& path, Build& build,
                          GeneratorOptions& out);
bool readGenerator(const Node& node, const std::string& path, bool secret, Build& build,
                   Generator& out);
bool readReplacement(const Node& node, const std::string& path, Build& build, Replacement& out);

}  // namespace gantry::manifests::kustomize
