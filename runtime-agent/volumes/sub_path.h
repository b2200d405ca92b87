// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace gantry::agent {

/// The host path of a mount's subPath in a prepared volume: symlinks resolved, never leading out of
/// the volume (a container could have planted one). A folder that is missing is made (0755). Call
/// it each time before a container is made. Errors: INVALID_ARGUMENT (it leads out), and those of
/// base/file.h.
absl::StatusOr<std::string> resolveSubPath(const std::string& volumePath,
                                           const std::string& subPath);

}  // namespace gantry::agent
