// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "manifests/resource.h"

namespace gantry::manifests {

/// One thing to say about a manifest. Never holds the value of a secret.
struct Diagnostic {
  enum class Severity { kWarning, kError };
  Severity severity = Severity::kError;
  SourceLocation where = {};
  /// "spec.template.spec.containers[0].imagee"; empty if the text is not even YAML.
  std::string path = {};
  /// What is wrong, in one line.
  std::string message = {};
  /// How to mend it: "did you mean \"image\"?"; may be empty.
  std::string hint = {};

  /// "front.yaml:9:13: error: spec.replicas: …; did you mean …".
  std::string toString() const;
};

bool hasErrors(const std::vector<Diagnostic>& diagnostics);

}  // namespace gantry::manifests
