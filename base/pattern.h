// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gantry::base {

/// Whether the whole text fits the pattern, in which * stands for any text, also none, and
/// everything else for itself.
bool matchesPattern(std::string_view pattern, std::string_view text);

}  // namespace gantry::base
