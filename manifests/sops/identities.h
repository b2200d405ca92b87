// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/sops/secret_bytes.h"

namespace gantry::manifests::sops {

/// A private key of age that opens what is encrypted for its recipient.
struct Identity {
  /// X25519, 32 bytes.
  SecretBytes key;
  /// The public key: 32 bytes, and as "age1…".
  std::string publicKey;
  std::string recipient;
};

/// The keys that somebody holds.
class Identities {
 public:
  /// Reads a file as age-keygen writes it: one AGE-SECRET-KEY-1… a line, blank lines and lines that
  /// begin with '#' between. An error names `file` and the line, and shows nothing of it; a file
  /// without a key is one.
  static absl::StatusOr<Identities> parse(std::string_view text, const std::string& file);

  /// Those whose recipient is one of `recipients`: perhaps none.
  Identities only(const std::vector<std::string>& recipients) const;

  const std::vector<std::shared_ptr<const Identity>>& all() const { return all_; }
  /// Whether they are what only() has left of others.
  bool areLimited() const { return limited_; }

 private:
  std::vector<std::shared_ptr<const Identity>> all_;
  bool limited_ = false;
};

/// Whether `text` is a public key of age as age-keygen writes it: "age1…".
bool isRecipient(std::string_view text);

}  // namespace gantry::manifests::sops
