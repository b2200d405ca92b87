// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "manifests/render/folder.h"

namespace gantry::cli {

/// Renders a file or folder of the disk as the controller renders one of a repository. A folder
/// with a kustomization may refer to others of its repository: of the folder around it that holds
/// .git, or, if there is none, of the whole disk. Symlinks are not followed, as in Git. Places are
/// given relative to the working directory. The folder of `options` is not looked at. Error:
/// INVALID_ARGUMENT if there is nothing to read.
absl::StatusOr<manifests::RenderedSet> renderFromDisk(const std::string& path,
                                                      const manifests::RenderOptions& options);

}  // namespace gantry::cli
