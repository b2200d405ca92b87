// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/decode/diagnostic.h"
#include "manifests/field_path.h"
#include "manifests/resource.h"

namespace gantry::manifests {

/// What is found wrong with one object, each where its field stands.
class Problems {
 public:
  explicit Problems(const Resource& resource) : resource_(resource) {}

  void error(const FieldPath& path, std::string message, std::string hint = "");
  void warning(const FieldPath& path, std::string message, std::string hint = "");

  /// An error unless `ok`.
  void require(bool ok, const FieldPath& path, const char* message, const char* hint = "") {
    if (!ok) error(path, message, hint);
  }
  /// An error unless low <= value <= high.
  void requireRange(std::int64_t value, std::int64_t low, std::int64_t high, const FieldPath& path);
  void requireAtLeast(std::int64_t value, std::int64_t low, const FieldPath& path);
  /// An error unless the text is one of `allowed`, with the one that was probably meant.
  void requireOneOf(const std::string& text, std::initializer_list<const char*> allowed,
                    const FieldPath& path);

  std::vector<Diagnostic> take() { return std::move(diagnostics_); }

 private:
  void add(Diagnostic::Severity severity, const FieldPath& path, std::string message,
           std::string hint);

  const Resource& resource_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace gantry::manifests
