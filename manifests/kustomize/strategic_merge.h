// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/descriptor.h>

#include "manifests/kustomize/build.h"

namespace gantry::manifests::kustomize {

enum class Merged { kKept, kDeleted, kFailed };

/// Merges a strategic merge patch into `target`. Fields are merged, null removes one, lists are
/// replaced, but for those that the schema names a key for (option `merge_key`): their elements are
/// paired by it, those of the patch first. `$patch: delete`, `replace` and `merge` in a map, or in
/// an element of a list, say otherwise. `type` is the message of the object; null, of a kind that
/// is not known, merges no list.
Merged mergePatch(Node& target, const Node& patch, const google::protobuf::Descriptor* type,
                  Build& build);

}  // namespace gantry::manifests::kustomize
