// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "absl/status/statusor.h"

namespace gantry::agent {

/// Whether something is mounted exactly there.
absl::StatusOr<bool> isMountPoint(const std::filesystem::path& path);

/// Mounts a tmpfs there (nosuid, nodev), unless one is already. `sizeBytes` 0: the kernel's
/// default, half of the memory. Errors: PERMISSION_DENIED (not root), UNAVAILABLE.
absl::Status mountTmpfs(const std::filesystem::path& path, std::int64_t sizeBytes, unsigned mode);

/// Unmounts everything at or below `path`, the deepest first; what is still used goes when its last
/// user does.
absl::Status unmountBelow(const std::filesystem::path& path);

}  // namespace gantry::agent
