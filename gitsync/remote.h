// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "gitsync/child.pb.h"

namespace gantry::gitsync {

/// Carries out one request of the controller. Runs in gantry-git only; blocks for as long as the
/// remote does. The answer's code stays 0. Errors as in Git.
absl::StatusOr<child::Response> runRequest(const child::Request& request);

}  // namespace gantry::gitsync
