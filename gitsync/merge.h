// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "gitsync/child.pb.h"

namespace gantry::gitsync {

/// Carries out Git::merge. Runs in gantry-git only, since what it merges may be large, and may come
/// from anybody.
absl::StatusOr<child::Response> mergeCommits(const child::Request& request);

}  // namespace gantry::gitsync
