// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "manifests/decode/yaml_tree.h"

namespace gantry::manifests {

/// What a scalar means by YAML 1.2's core schema.
enum class ScalarType { kText, kWhole, kFraction, kBool };
ScalarType typeOf(const YamlNode& scalar);
/// The same for a scalar that was written with (not `plain`) or without quotes.
ScalarType typeOf(bool plain, const std::string& text);

/// The value if the scalar is a whole number in 64 bits: 12, -3, 0x1f, 0o644.
std::optional<std::int64_t> wholeNumber(const YamlNode& scalar);

/// Whether it is written with a leading zero (0644): octal in YAML 1.1, decimal in 1.2.
bool isOldOctal(const YamlNode& scalar);
std::optional<std::int64_t> oldOctal(const YamlNode& scalar);

/// "the number 8080", "\"three\"", "a list", "nothing"; without the value if that is secret.
std::string describe(const YamlNode& node, bool secret);

/// Bytes of base64 with its padding, white space between allowed; nothing if it is not base64.
std::optional<std::string> decodeBase64(std::string_view text);
std::string encodeBase64(std::string_view bytes);

/// Any YAML as compact JSON.
std::string toCompactJson(const YamlNode& node);

}  // namespace gantry::manifests
