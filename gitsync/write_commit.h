// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gitsync/libgit2.h"

namespace gantry::gitsync {

/// A commit that Gantry makes.
struct NewCommit {
  const git_signature* author;
  std::string message;
  git_oid tree;
  std::vector<const git_commit*> parents;
  /// Private SSH key to sign it with; empty: it is not signed.
  std::string signingKeyFile;
};

/// Writes it to a mirror, without a ref. Errors: PERMISSION_DENIED (the key cannot be used),
/// UNAVAILABLE.
absl::StatusOr<git_oid> writeCommit(git_repository* repository, const NewCommit& commit);

}  // namespace gantry::gitsync
