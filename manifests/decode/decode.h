// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/decode/diagnostic.h"
#include "manifests/resource.h"

namespace gantry::manifests {

/// What a file may take; beyond it there is an error, before memory is used.
struct DecodeLimits {
  std::size_t maxBytes = 1 << 20;
  std::size_t maxDepth = 64;
  /// Nodes after aliases are expanded: stops an alias bomb.
  std::size_t maxNodes = 200'000;
  std::size_t maxDocuments = 1'000;
};

struct Decoded {
  std::vector<Resource> resources;
  std::vector<Diagnostic> diagnostics;
};

/// YAML or JSON text, any number of documents, to resources, by reflection over the schema. Every
/// field is known, warned about or refused; a key twice is an error; scalars follow YAML 1.2's core
/// schema (`no` is a string). Bad documents are left out and explained; good ones of the same file
/// are still there. Defaults are not applied. Pure.
Decoded decode(std::string_view text, const std::string& file, const DecodeLimits& limits = {});

struct YamlNode;

/// The same for documents that were read, and perhaps changed, before. `file` is that of nodes that
/// name none.
Decoded decodeTrees(const std::vector<const YamlNode*>& documents, const std::string& file);

}  // namespace gantry::manifests
