// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "gitsync/git.h"
#include "gitsync/libgit2.h"

namespace gantry::gitsync {

/// The root tree of `head` with the scope (normalised) as it was at `target`, written to the
/// repository. A folder that was not there goes.
absl::StatusOr<git_oid> restoredTree(git_repository* repository, git_commit* head,
                                     git_commit* target, const Scope& scope);

}  // namespace gantry::gitsync
