// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "controller/delivery/ahead.h"
#include "controller/delivery/planner.h"

namespace gantry::delivery {

/// Somebody has said that the object is never to be pruned (kPruneAnnotation).
bool isProtected(const Message& object);

/// The change that deletes `live`.
api::PlannedChange deletionOf(const Message& live, std::string reason);

/// Adds what the deletions of a plan take along, as deletions of their own: so it is shown, counted
/// and approved, and its pods are in the effect.
///
/// - Of a Namespace: all that is in it. It is an error if something of it belongs to another
///   Application, is protected, or is still in `desired`; and the system namespace always stays.
/// - Of an Application with deletionPolicy delete: its inventory, but what is protected.
///
/// `ahead` (null: nothing is under way) says what will be there. `planned` holds all changes that
/// Git asks for. Pure.
void addTakenAlong(const schema::Application& application, const manifests::RenderedSet& desired,
                   const model::State& state, const Ahead* ahead, ChangeSet& planned);

/// An object that is in the Namespace and would go with it although `plan` does not delete it: it
/// has come since that was made. Empty if there is none. Pure.
std::string cameInto(const std::string& ns, const api::Plan& plan, const model::State& state);

}  // namespace gantry::delivery
