// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "manifests/decode/decode.h"
#include "manifests/resource.h"

namespace gantry::manifests {

struct SourceFile {
  /// Relative to the folder, with '/'.
  std::string path;
  std::string content;
};

/// What a folder of manifests comes to.
struct RenderedSet {
  /// Defaults applied, namespaces filled in, ordered by key; no key twice.
  std::vector<Resource> resources;
  /// SHA-256, lower-case hex, over the canonical bytes of all resources: what approvals bind to.
  std::string hash;
  /// Errors and warnings of all files; with an error, `resources` must not be used.
  std::vector<Diagnostic> diagnostics;

  bool ok() const;
};

/// Decodes every *.yaml, *.yml and *.json of `files` (at any depth), fills in `defaultNamespace`
/// where an object names none, applies defaults, and validates each object and the set. A key that
/// occurs twice is an error that names both places. Pure: the same files give the same bytes.
RenderedSet renderFolder(const std::vector<SourceFile>& files, const std::string& defaultNamespace,
                         const DecodeLimits& limits = {});

}  // namespace gantry::manifests
