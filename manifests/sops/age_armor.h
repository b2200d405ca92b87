// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace gantry::manifests::sops {

/// Whether a file of age is text: it begins with -----BEGIN, white space before it allowed.
bool isArmored(std::string_view file);

/// The bytes of an armored file. Strict PEM (RFC 7468) with the label AGE ENCRYPTED FILE and lines
/// of 64 characters, ended by LF or CRLF; white space is allowed only before and after.
absl::StatusOr<std::string> removeArmor(std::string_view file);

}  // namespace gantry::manifests::sops
