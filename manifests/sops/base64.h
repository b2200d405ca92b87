// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gantry::manifests::sops {

enum class Padding { kNone, kRequired };

/// Bytes of base64 (RFC 4648, section 4) in the one form that they have: no white space, padding as
/// asked for, unused bits zero. Nothing if it is anything else.
std::optional<std::string> decodeCanonicalBase64(std::string_view text, Padding padding);

}  // namespace gantry::manifests::sops
