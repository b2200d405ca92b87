// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace gantry::manifests::kustomize {

class Build;
struct Node;

/// Name → value: what differs between environments and is no reason for an overlay.
using Variables = std::map<std::string, std::string>;

/// An object with the annotation "gantry.dev/substitute: disabled" is left as it is.
inline constexpr char kSubstituteAnnotation[] = "gantry.dev/substitute";

/// Replaces ${NAME}, and ${NAME:-default} if there is none of that name, in every scalar below
/// `node`; names of fields stay. $${ is written as ${; every other $ stays, as in $HOME and
/// $(NAME). A value is never looked into again. Where nothing was quoted, `replicas: ${N}` becomes
/// a number. An undefined variable and a ${ that is not closed are errors.
bool substitute(Node& node, const Variables& variables, Build& build);

/// Whether the object says that it is to be left as it is.
bool isLeftAsItIs(const Node& object);

/// The same for a text on its own; false, and `text` as it was, if it cannot be done.
bool substituteText(std::string& text, const Variables& variables);

}  // namespace gantry::manifests::kustomize
