// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "controller/delivery/objects.h"

namespace gantry::delivery {

/// Annotation of every object that an Application applies: "gantry-system/shop-staging".
inline constexpr char kOwnerAnnotation[] = "gantry.dev/application";

/// Annotation of an object that is never pruned: "false".
inline constexpr char kPruneAnnotation[] = "gantry.dev/prune";

/// The Application that an object belongs to; empty if to none.
std::string ownerOf(const Message& object);

/// What an object becomes when `desired` is applied over `live` (null: it does not exist). Git is
/// the whole truth of an object, but for three things: what the system writes (status, uid, …),
/// what the system allocates where Git names nothing (a Service's clusterIP and node ports, a Pod's
/// node), and the owner's annotation. Pure.
std::unique_ptr<Message> merge(const Message& desired, const std::string& owner,
                               const Message* live);

/// manifests::contentDigest of what Git says of an object: without what the system writes, and
/// without what it allocates unless `desired` (null: says nothing) names it. Two objects of which
/// Git says the same have the same hash. Pure.
std::string contentHash(const Message& object, const Message* desired);

}  // namespace gantry::delivery
