// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::manifests {

/// One step of the way to a field: which, and which of its elements.
struct IgnoredStep {
  const google::protobuf::FieldDescriptor* field;
  /// Of a map, the key; of a list, what its elements are named by (`merge_key`).
  std::optional<std::string> key;
};

/// What an entry of spec.ignoreDifferences leads to, or why it leads nowhere.
struct IgnoredPath {
  /// Empty if there is a problem.
  std::vector<IgnoredStep> steps;
  std::string problem = {};
  std::string hint = {};
};

/// Resolves "spec.replicas", "spec.template.spec.containers[web].image", "metadata.labels[team]" or
/// "data[key]" against the schema of a kind. Refused is what cannot have an effect: what is not
/// there, what the system writes or does not support, names of objects, and elements of lists that
/// have no name. Pure.
IgnoredPath resolveIgnored(const google::protobuf::Descriptor& kind, std::string_view path);

/// What names an element of the list or map; null if its elements have no name.
const google::protobuf::FieldDescriptor* nameOfElements(
    const google::protobuf::FieldDescriptor& list);

}  // namespace gantry::manifests
