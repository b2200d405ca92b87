// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gantry::agent {

/// `text` with every byte that is no part of valid UTF-8 replaced by U+FFFD: containers write what
/// they like, the wire carries text. Pure.
std::string toUtf8(std::string_view text);

}  // namespace gantry::agent
