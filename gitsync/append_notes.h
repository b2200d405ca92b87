// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "gitsync/child.pb.h"

namespace gantry::gitsync {

/// Carry out Git::appendNotes, and the network's part of Git::readNotes. Run in gantry-git only.
absl::StatusOr<child::Response> appendNotes(const child::Request& request);
absl::StatusOr<child::Response> fetchNotes(const child::Request& request);

}  // namespace gantry::gitsync
