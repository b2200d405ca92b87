// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "gitsync/child.pb.h"

namespace gantry::gitsync {

/// Carries out Git::verify. Runs in gantry-git only, since what it reads may come from anybody.
absl::StatusOr<child::Response> verifyCommits(const child::Request& request);

}  // namespace gantry::gitsync
