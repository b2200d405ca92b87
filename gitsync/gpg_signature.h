// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "gitsync/child.pb.h"
#include "gitsync/git.h"

namespace gantry::gitsync {

/// Whether a trusted key is one of GPG, by its armor.
bool isGpgKey(const std::string& publicKey);

/// Who of `keys` (others than GPG keys are passed over) signed `text`. Runs gpg with a home of its
/// own in `folder`, which is private, and without an agent or a key server. Errors: as in
/// Git::verify.
absl::StatusOr<Signer> verifyByGpg(const std::string& text, const std::string& signature,
                                   const child::Verify& wanted,
                                   const std::filesystem::path& folder);

}  // namespace gantry::gitsync
