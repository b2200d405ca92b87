// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "manifests/kustomize/kustomization.h"
#include "manifests/kustomize/object.h"

namespace gantry::manifests::kustomize {

/// Calls for each value that `spec` leads to in the object, if it is of the spec's kind. With
/// `spec.create`, what is missing on the way becomes a map, and the value itself null for the call
/// to fill in. What has another shape than the path is passed over: decoding it says why it is
/// wrong.
void visitField(Object& object, const FieldSpec& spec, const Place& ifNew,
                const std::function<void(Node& value)>& visit);

/// Where Kustomize puts labels when selectors are asked for, and when templates are.
const std::vector<FieldSpec>& selectorLabelFields();
const std::vector<FieldSpec>& templateLabelFields();
const std::vector<FieldSpec>& annotationFields();
/// Namespaces inside objects, beside metadata.namespace.
const std::vector<FieldSpec>& namespaceFields();

/// Fields that hold the name of an object of another kind.
struct NameReference {
  /// Group and version are empty if any will do.
  FieldSpec target;
  std::vector<FieldSpec> fields;
};
const std::vector<NameReference>& nameReferences();

}  // namespace gantry::manifests::kustomize
