// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "gitsync/child.pb.h"

namespace gantry::gitsync {

/// Carries out one request of the controller: fetch, or revert and push. Runs in gantry-git only;
/// blocks for as long as the remote does. Answers the commit. Errors as in Git.
absl::StatusOr<std::string> runRequest(const child::Request& request);

}  // namespace gantry::gitsync
