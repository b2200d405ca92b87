// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace gantry::gitsync {

/// A folder of a repository in one form: "a/b", the root as "". Accepts "./a/b/". Error:
/// INVALID_ARGUMENT for an absolute path, ".." or an empty segment.
absl::StatusOr<std::string> normalisePath(const std::string& path);

}  // namespace gantry::gitsync
