// SPDX-License-Identifier: Apache-2.0
#include "manifests/decode/diagnostic.h"

#include <algorithm>

namespace gantry::manifests {

std::string Diagnostic::toString() const {
  std::string text = where.toString();
  if (!text.empty()) text += ": ";
  text += severity == Severity::kError ? "error: " : "warning: ";
  if (!path.empty()) text += path + ": ";
  text += message;
  if (!hint.empty()) text += "; " + hint;
  return text;
}

bool hasErrors(const std::vector<Diagnostic>& diagnostics) {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Diagnostic::Severity::kError;
  });
}

}  // namespace gantry::manifests
