// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "manifests/render/folder.h"

namespace gantry::cli {

/// Renders a file or folder of the disk as the controller renders one of a repository. A folder
/// with a kustomization may refer to others of its repository: of the folder around it that holds
/// .git, or, if there is none, of the whole disk. Symlinks are not followed, as in Git. Places are
/// given relative to the working directory. Error: INVALID_ARGUMENT if there is nothing to read.
absl::StatusOr<manifests::RenderedSet> renderFromDisk(
    const std::string& path, const std::string& defaultNamespace,
    const std::map<std::string, std::string>& variables);

}  // namespace gantry::cli
