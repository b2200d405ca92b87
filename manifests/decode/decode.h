// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/resource.h"

namespace gantry::manifests {

/// One thing to say about a manifest.
struct Diagnostic {
  enum class Severity { kWarning, kError };
  Severity severity = Severity::kError;
  SourceLocation where;
  /// "spec.template.spec.containers[0].imagee"; empty if the text is not even YAML.
  std::string path;
  /// What is wrong, in one line.
  std::string message;
  /// How to mend it: "did you mean \"image\"?"; may be empty.
  std::string hint;

  /// "front.yaml:9:13: error: spec.replicas: …; did you mean …".
  std::string toString() const;
};

bool hasErrors(const std::vector<Diagnostic>& diagnostics);

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

}  // namespace gantry::manifests
