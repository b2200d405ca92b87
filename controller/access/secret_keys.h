// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gantry::access {

/// The keys that secrets are kept under: AES-256-GCM, one key a line of a file (64 hex digits). The
/// first encrypts, all decrypt: a key is changed by adding one on top. Any thread.
class SecretKeys {
 public:
  /// Reads the file (0600), or makes it with one new key. Errors: those of base/file.h; DATA_LOSS
  /// (a line is not a key).
  static absl::StatusOr<SecretKeys> open(const std::filesystem::path& file);

  /// The sealed form of `plain`: form, key id, random nonce, cipher text, tag. It opens only with
  /// the same `context`, so that nobody can swap records. Good for 2^32 calls a key (NIST SP
  /// 800-38D, 8.3).
  std::string seal(std::string_view plain, std::string_view context) const;

  /// The reverse of seal. Error: DATA_LOSS (not sealed, changed, of another context, or the key is
  /// missing).
  absl::StatusOr<std::string> unseal(std::string_view sealed, std::string_view context) const;

 private:
  struct Key {
    std::string id;
    std::string bytes;
  };
  explicit SecretKeys(std::vector<Key> keys) : keys_(std::move(keys)) {}
  const Key* find(std::string_view id) const;

  std::vector<Key> keys_;
};

}  // namespace gantry::access
