// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gantry::manifests {

/// The text as a JSON string, with its quotes; also a double-quoted scalar of YAML, on one line.
std::string jsonText(std::string_view text);

/// Whether the text is a number as JSON writes it.
bool isJsonNumber(std::string_view text);

}  // namespace gantry::manifests
