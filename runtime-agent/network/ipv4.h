// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace gantry::agent {

/// "10.0.0.1".
bool isIpv4(const std::string& text);

/// "10.0.0.0/8".
bool isIpv4Range(const std::string& text);

}  // namespace gantry::agent
