// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "absl/status/status.h"
#include "runtime-agent/volumes/volume_files.h"

namespace gantry::agent {

/// Makes `folder` hold exactly `files`, all of them exchanged in one step, as kubelet does: the
/// files are in a folder of their own, the symlink "..data" is switched to it by a rename, and what
/// users see are symlinks through "..data". Does nothing if all is as wanted. `group`: owner group
/// of the files, which may then read them. Errors: as base/file.h.
absl::Status switchFiles(const std::filesystem::path& folder, const VolumeFiles& files,
                         std::optional<unsigned> group);

}  // namespace gantry::agent
