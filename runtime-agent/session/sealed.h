// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gantry::agent {

inline constexpr int kSealKeyBytes = 32;

/// `plain` under AES-256-GCM: a mark of the form, a random nonce, the cipher text, the tag. Good
/// for 2^32 calls a key (NIST SP 800-38D, 8.3). `key` has kSealKeyBytes.
std::string seal(const std::string& key, std::string_view plain);

/// The reverse. Error: DATA_LOSS (not sealed, changed, or under another key).
absl::StatusOr<std::string> unseal(const std::string& key, std::string_view sealed);

}  // namespace gantry::agent
