// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "manifests/decode/diagnostic.h"
#include "manifests/decode/source_text.h"

namespace YAML {
class Exception;
}

namespace gantry::manifests {

/// What the parser's error means to the person who wrote the file, from the lines around it. Names
/// of fields are shown, values never.
Diagnostic explainSyntaxError(const YAML::Exception& error, const SourceText& source,
                              const std::string& file);

}  // namespace gantry::manifests
