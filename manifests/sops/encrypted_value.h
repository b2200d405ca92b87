// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace gantry::manifests::sops {

/// A value that was decrypted. Wipes itself.
struct DecryptedValue {
  DecryptedValue() = default;
  DecryptedValue(DecryptedValue&&) = default;
  DecryptedValue& operator=(DecryptedValue&&) = default;
  ~DecryptedValue();

  /// A number, true or false; else text.
  bool plain = false;
  std::string text = {};
  /// What it adds to the MAC of its file.
  std::string mac = {};
};

/// Decrypts ENC[AES256_GCM,data:…,iv:…,tag:…,type:…] with the key of a file, 32 bytes. `path` is
/// the additional data: the names of the fields down to the value, each followed by ':'. Types are
/// str, int, float, bool and bytes. Errors show nothing of the value.
absl::StatusOr<DecryptedValue> decryptValue(std::string_view text, std::string_view key,
                                            std::string_view path);

}  // namespace gantry::manifests::sops
