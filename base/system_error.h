// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "absl/status/status.h"

namespace gantry::base {

/// `PATH: what errno means`. NOT_FOUND (nothing there), PERMISSION_DENIED (also a file system that
/// is read-only), RESOURCE_EXHAUSTED (no space, or a quota); UNAVAILABLE for any other.
absl::Status systemError(int error, const std::filesystem::path& path);

}  // namespace gantry::base
