// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

namespace gantry::manifests::sops {

/// The file key, wrapped for one recipient.
struct Stanza {
  /// The type, then what it needs; at least the type.
  std::vector<std::string_view> arguments;
  std::string body;
};

/// The text before the payload of a file of age. Views are into the file.
struct Header {
  std::vector<Stanza> stanzas;
  /// What the MAC is over.
  std::string_view authenticated;
  std::string mac;
  std::string_view payload;
};

/// Reads the header of a binary file (age-encryption.org/v1), strictly: nothing can be written in
/// two ways. Says nothing of whether the MAC is right.
absl::StatusOr<Header> parseHeader(std::string_view file);

}  // namespace gantry::manifests::sops
