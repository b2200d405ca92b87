// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/kustomize/object.h"
#include "manifests/kustomize/reader.h"

namespace gantry::manifests::kustomize {

/// The documents of a file of the repository; nothing, with errors, if one is not good YAML, or if
/// it is encrypted and must not be read as manifests. What is secret in them is marked.
std::optional<std::vector<Node>> readDocuments(const std::string& path, Build& build);

/// The same for YAML that stands as text in a kustomization. Places are those in the kustomization
/// if the text is a block (`|`), else that of the text.
std::optional<std::vector<Node>> readInline(const Text& text, Build& build);

/// The objects of documents, those of a List one by one. Each has apiVersion, kind and a name.
bool takeObjects(std::vector<Node> documents, Build& build, ObjectSet& out);

/// The path of a file that a kustomization in `root` names; it must be there, and below `root`.
std::optional<std::string> fileBelow(const std::string& root, const Text& name,
                                     const std::string& path, Build& build);

}  // namespace gantry::manifests::kustomize
