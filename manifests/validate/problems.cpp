// SPDX-License-Identifier: Apache-2.0
#include "manifests/validate/problems.h"

#include <algorithm>

#include "manifests/decode/json_text.h"
#include "manifests/decode/suggest.h"

namespace gantry::manifests {

void Problems::error(const FieldPath& path, std::string message, std::string hint) {
  add(Diagnostic::Severity::kError, path, std::move(message), std::move(hint));
}

void Problems::warning(const FieldPath& path, std::string message, std::string hint) {
  add(Diagnostic::Severity::kWarning, path, std::move(message), std::move(hint));
}

void Problems::requireRange(std::int64_t value, std::int64_t low, std::int64_t high,
                            const FieldPath& path) {
  if (value >= low && value <= high) return;
  error(path, std::to_string(value) + " is outside " + std::to_string(low) + " to " +
                  std::to_string(high));
}

void Problems::requireAtLeast(std::int64_t value, std::int64_t low, const FieldPath& path) {
  if (value < low) error(path, std::to_string(value) + " is less than " + std::to_string(low));
}

void Problems::requireOneOf(const std::string& text, std::initializer_list<const char*> allowed,
                            const FieldPath& path) {
  if (std::ranges::find(allowed, text) != allowed.end()) return;
  const std::vector<std::string> words(allowed.begin(), allowed.end());
  std::string list;
  for (const std::string& word : words) {
    if (!word.empty()) list += (list.empty() ? "" : ", ") + word;
  }
  const std::string near = nearest(text, words);
  error(path, jsonText(text) + " is not one of " + list,
        near.empty() ? "" : "did you mean \"" + near + "\"?");
}

void Problems::add(Diagnostic::Severity severity, const FieldPath& path, std::string message,
                   std::string hint) {
  std::string text = path.toString();
  SourceLocation where = resource_.locate(text);
  diagnostics_.push_back(
      {severity, std::move(where), std::move(text), std::move(message), std::move(hint)});
}

}  // namespace gantry::manifests
