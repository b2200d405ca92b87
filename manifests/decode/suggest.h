// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

namespace gantry::manifests {

/// The word of `known` that `word` was probably meant to be; empty if none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// The names of the fields of a message as they stand in YAML.
std::vector<std::string> fieldNames(const google::protobuf::Descriptor& message);

/// The path, below `message`, of a field of this name, such as "template.spec.containers" for
/// "containers" in a DeploymentSpec; the shallowest, first in schema order. Empty if there is none.
/// Lists on the way are passed as their elements.
std::string findBelow(const google::protobuf::Descriptor& message, std::string_view name);

}  // namespace gantry::manifests
