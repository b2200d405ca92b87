// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gitsync/notes.h"

namespace gantry::gitsync {

/// Looks whether every commit of the notes of a repository on disk, back to the first, is signed by
/// one of these SSH public keys (lines of a public key file); how many commits those are. Nobody
/// without such a key has then changed, cut or replaced a note on the way. Runs ssh-keygen; blocks.
/// Errors: DATA_LOSS (names the newest commit that is not), INVALID_ARGUMENT (a key cannot be
/// read), NOT_FOUND (no repository, no notes), UNAVAILABLE.
absl::StatusOr<int> verifyNoteCommits(const std::string& repository,
                                      const std::vector<std::string>& publicKeys,
                                      const std::string& ref = kNotesRef);

}  // namespace gantry::gitsync
