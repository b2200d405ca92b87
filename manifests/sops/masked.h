// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "manifests/decode/diagnostic.h"
#include "manifests/decode/yaml_tree.h"

namespace gantry::manifests::sops {

/// The first thing for which a file must not be read as manifests: an encrypted value that is not
/// below data or stringData of a Secret, where plans and errors mask it. Nothing if there is none.
/// `isEncrypted` says it of a scalar. Kinds and names of fields are in the diagnostic, no value.
std::optional<Diagnostic> findUnmasked(const YamlFile& yaml, const std::string& file,
                                       const std::function<bool(const YamlNode&)>& isEncrypted);

}  // namespace gantry::manifests::sops
