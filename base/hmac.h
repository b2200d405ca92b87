// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gantry::base {

/// HMAC-SHA256 (RFC 2104) of `text`: 32 bytes.
std::string hmacSha256(std::string_view key, std::string_view text);

}  // namespace gantry::base
