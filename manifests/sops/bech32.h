// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "manifests/sops/secret_bytes.h"

namespace gantry::manifests::sops {

/// The bytes of a Bech32 text (BIP 173, without its limit of 90 characters) whose part before the
/// last '1' is `prefix`, in lower case. Nothing if the prefix, a character, the case, the checksum
/// or the padding is wrong.
std::optional<SecretBytes> decodeBech32(std::string_view text, std::string_view prefix);

/// The text of the bytes, in lower case.
std::string encodeBech32(std::string_view bytes, std::string_view prefix);

}  // namespace gantry::manifests::sops
