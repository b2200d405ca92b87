// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "absl/status/status.h"

namespace gantry::agent {

/// An errno about a path, with the code that base/file.h would give it.
absl::Status systemError(int error, const std::filesystem::path& path);

}  // namespace gantry::agent
