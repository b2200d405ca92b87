// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "manifests/resource.h"
#include "tests/sim/view.h"

namespace gantry::sim {

/// What the checkers know of deletions by themselves.

/// The plan names the object as one that it deletes.
bool deletes(const api::Plan& plan, const manifests::ObjectKey& key);

/// Somebody has said that the object is never to be pruned.
bool isProtected(const google::protobuf::Message& object);

/// An object that is still in the namespace, and is there by itself: no part of another, no run of
/// a hook. Empty if there is none.
std::string leftIn(const View& view, const std::string& ns);

}  // namespace gantry::sim
