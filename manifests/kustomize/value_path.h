// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifests/kustomize/node.h"

namespace gantry::manifests::kustomize {

/// The steps of a field path: "spec.containers.[name=web].env.0", "metadata.annotations.[a.b/c]" or
/// "metadata.annotations.a\.b".
std::vector<std::string> splitFieldPath(std::string_view path);

/// What the steps lead to. A number is an element of a list, "-" the last, "*" all of them,
/// "[name=web]" those whose name is web. With `create`, what is missing is made, null at the end.
std::vector<Node*> followPath(Node& root, const std::vector<std::string>& steps, bool create,
                              const Place& ifNew);

}  // namespace gantry::manifests::kustomize
