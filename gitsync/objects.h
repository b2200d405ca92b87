// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gitsync/git.h"

namespace gantry::gitsync {

/// Reads a mirror's object database; nothing is ever checked out. Blocks: call it on a worker. Each
/// call opens the mirror anew, so any thread may call. Errors as in Git.

/// Error: NOT_FOUND.
absl::StatusOr<Commit> readCommit(const std::string& mirror, const std::string& commit);

/// Whether the mirror holds a commit.
bool holdsCommit(const std::string& mirror, const std::string& commit);

/// The manifests (*.yaml, *.yml, *.json) of each folder of the scope, or, if a kustomization stands
/// in it, all its files. A symlink or a submodule anywhere under it
/// is FAILED_PRECONDITION. The size of a blob is read before the blob is.
absl::StatusOr<Folder> readManifests(const std::string& mirror, const std::string& commit,
                                     const Scope& scope, const ReadLimits& limits);

/// Commits that changed the scope, newest first; see Git::log.
absl::StatusOr<std::vector<Commit>> logOf(const std::string& mirror, const std::string& commit,
                                          const std::string& until, const Scope& scope, int limit);

}  // namespace gantry::gitsync
