// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace gantry::gitsync {

/// Whether a file that holds a secret is there and its owner's only. Error: PERMISSION_DENIED,
/// which names the file and says what to do.
absl::Status checkSecretFile(const std::string& file);

/// What is in it, without white space at its end. Errors: as above; one that is empty.
absl::StatusOr<std::string> readSecretFile(const std::string& file);

}  // namespace gantry::gitsync
