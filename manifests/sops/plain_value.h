// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "manifests/decode/yaml_tree.h"

namespace gantry::manifests::sops {

/// A number as SOPS writes it for its MAC: the shortest decimal fraction that means the same, never
/// with an exponent.
std::string fixedNotation(double value);

/// What an unencrypted scalar adds to the MAC of its file. SOPS takes what the scalar means to
/// go-yaml: 0x10 is 16, 1e3 is 1000, true is True; what is in quotes is taken as it is.
std::string macText(const YamlNode& scalar);

}  // namespace gantry::manifests::sops
