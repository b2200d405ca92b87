// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gitsync/git.h"

namespace gantry::gitsync {

/// Where Gantry's notes are: `git notes --ref=gantry show COMMIT` prints one.
inline constexpr const char* kNotesRef = "refs/notes/gantry";

/// Where a mirror keeps those of its remote.
inline constexpr const char* kMirroredNotesRef = "refs/gantry/notes/gantry";

/// The notes under a ref of a repository on disk, bare or with files, ordered by commit; none if
/// there is no such ref. `repository` may be a folder in it. Blocks. Errors: NOT_FOUND (no
/// repository), UNAVAILABLE.
absl::StatusOr<std::vector<Note>> readNotes(const std::string& repository,
                                            const std::string& ref = kNotesRef);

}  // namespace gantry::gitsync
