// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "manifests/decode/diagnostic.h"
#include "manifests/resource.h"

namespace gantry::manifests {

/// What an ApplicationSet comes to.
struct Expanded {
  /// One a folder, ordered by folder, at the place of the ApplicationSet; without defaults.
  std::vector<Resource> applications;
  std::vector<Diagnostic> diagnostics;
  /// The folders that have to be read to know: what stands before the first * of each pattern.
  std::set<std::string> folders;
};

/// Annotation of an Application that was made: the ApplicationSet's name.
inline constexpr char kApplicationSetAnnotation[] = "gantry.dev/application-set";

/// Makes the Applications of a set from the paths of all files that are known of the repository. A
/// folder counts if there is a file in it, at any depth. No folder at all is an error: it is more
/// likely a mistake than a wish to delete every Application. Pure.
Expanded expand(const Resource& applicationSet, const std::vector<std::string>& paths);

}  // namespace gantry::manifests
