// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gantry::gitsync {

/// A ref as a remote advertises it.
struct AdvertisedRef {
  /// "refs/heads/main".
  std::string name;
  /// What it points at: a commit, or the object of an annotated tag.
  std::string id;
};

/// Whether a revision is a whole commit id.
bool isCommitId(const std::string& revision);

/// Whether a revision names one ref by its full name: "refs/pull/7/head".
bool isRefName(const std::string& revision);

/// Which ref a revision that is no commit id means: the ref of that full name; else the branch;
/// else the tag; else, if it is a range of versions, the tag of the highest version in it. Errors:
/// NOT_FOUND, which says what was looked for; FAILED_PRECONDITION (nothing is advertised).
absl::StatusOr<AdvertisedRef> resolveRevision(const std::string& revision,
                                              const std::vector<AdvertisedRef>& advertised);

/// Whether a push to `ref` ("refs/heads/main") may change what resolveRevision finds for a
/// revision: it is the ref of that full name, the branch, the tag, or the tag of a version in the
/// range. What a commit id means never changes.
bool mayMove(const std::string& ref, const std::string& revision);

}  // namespace gantry::gitsync
