// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gantry::base {

/// The whole file. Errors: NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE, with the path in the message.
absl::StatusOr<std::string> readFile(const std::filesystem::path& path);

/// The mode of files that hold keys, tokens or secrets.
inline constexpr unsigned kOwnerOnly = 0600;

/// Replaces the file as a whole or not at all, also through a crash: writes a neighbour, syncs it,
/// renames it. `mode` as in chmod. Errors: as readFile; RESOURCE_EXHAUSTED when the disk is full.
absl::Status writeFileAtomically(const std::filesystem::path& path, std::string_view content,
                                 unsigned mode = 0644);

}  // namespace gantry::base
