// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "gitsync/child.pb.h"
#include "gitsync/git.h"

namespace gantry::gitsync {

/// Whether a trusted key is one of GPG, by its armor.
bool isGpgKey(const std::string& publicKey);

/// The names of trusted keys by their fingerprints.
using GpgKeys = std::map<std::string, std::string>;

/// Makes the GPG keys among those that are wanted known to a gpg whose home is `folder`, which is
/// private; others are passed over. Error: INVALID_ARGUMENT (one cannot be read).
absl::StatusOr<GpgKeys> importGpgKeys(const child::Verify& wanted,
                                      const std::filesystem::path& folder);

/// Who of the keys that were imported to `folder` signed `text`. Runs gpg without an agent or a key
/// server. Errors: as in Git::verify.
absl::StatusOr<Signer> verifyByGpg(const std::string& text, const std::string& signature,
                                   const GpgKeys& keys, const std::filesystem::path& folder);

}  // namespace gantry::gitsync
