// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "manifests/schema/core.pb.h"

namespace gantry::agent {

/// Checks that the path is what its type says, and makes it for DirectoryOrCreate (0755) and
/// FileOrCreate (0644). Errors: FAILED_PRECONDITION (it is not, the message says what is missing),
/// INVALID_ARGUMENT (not an absolute path without "..", an unknown type).
absl::Status checkHostPath(const schema::HostPathVolumeSource& source);

}  // namespace gantry::agent
