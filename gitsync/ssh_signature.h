// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "gitsync/child.pb.h"
#include "gitsync/git.h"

namespace gantry::gitsync {

/// A line of an SSH public key file.
struct SshPublicKey {
  /// What stands in front: valid-after and valid-before.
  std::string options;
  /// "ssh-ed25519 AAAA…", without the comment.
  std::string key;
  /// "SHA256:…".
  std::string fingerprint;
};

/// Error: INVALID_ARGUMENT.
absl::StatusOr<SshPublicKey> parseSshPublicKey(const std::string& line);

/// Who of `keys` (others than SSH keys are passed over) signed `text`. Runs ssh-keygen; `folder` is
/// private, for its files. Errors: as in Git::verify.
absl::StatusOr<Signer> verifyBySsh(const std::string& text, const std::string& signature,
                                   const child::Verify& wanted,
                                   const std::filesystem::path& folder);

/// The armored signature of `text` for Git. Runs ssh-keygen. Error: PERMISSION_DENIED (the key file
/// is missing, others may read it, or it needs a passphrase).
absl::StatusOr<std::string> signBySsh(const std::string& text, const std::string& keyFile);

}  // namespace gantry::gitsync
