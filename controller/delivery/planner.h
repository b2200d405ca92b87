// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "controller/delivery/ahead.h"
#include "controller/model/state.h"
#include "manifests/render/folder.h"

namespace gantry::delivery {

/// What applying a rendered set to an Application would change.
struct ChangeSet {
  /// In the order in which they are applied: creations and updates by wave, then by kind
  /// (Namespace, ConfigMap, Secret, Service, workloads, Application), then deletions the other way
  /// round.
  std::vector<api::PlannedChange> changes;
  /// Why the set cannot be applied at all: an immutable field, an object of another Application, a
  /// Namespace that is not empty. One line each, with the place in the manifest where there is one.
  std::vector<std::string> errors;
};

/// Compares what Git wants with what is there, after defaults on both sides. Looks only at the
/// objects of the set and of the Application's inventory; deletes only what the inventory holds.
///
/// What the deletion of a Namespace or an Application takes along is planned as deletions, too; see
/// addTakenAlong (deletions.h). Hooks are left out: see addHooks (waves.h). Pure.
ChangeSet planChanges(const schema::Application& application, const manifests::RenderedSet& desired,
                      const model::State& state);

/// The same over what will be there once a plan that is being applied is in. Pure.
ChangeSet planChanges(const Ahead& ahead, const manifests::RenderedSet& desired,
                      const model::State& state);

/// The same without deletions, and without what is wrong with those: what puts drift from `applied`
/// back. Pure.
ChangeSet planRepairs(const schema::Application& application, const manifests::RenderedSet& applied,
                      const model::State& state);

/// What differs between two rendered sets of an Application, as if the first one ran. Pure.
ChangeSet compareSets(const schema::Application& application, const manifests::RenderedSet& from,
                      const manifests::RenderedSet& to);

/// Whether `changes` put back only what was let through before, object by object: nobody has to be
/// asked again. Never so of a deletion or a hook. Pure.
bool isRepair(const schema::Application& application, const manifests::RenderedSet& desired,
              const std::vector<api::PlannedChange>& changes);

/// The inventory after `changes`, which all gates have let through, have been applied: everything
/// in `desired`, and what was there before and still is. What is put only `later`, by another wave,
/// stays as it was, and missed if it is gone. Hooks are never in it.
std::vector<schema::InventoryItem> inventoryAfter(const schema::Application& application,
                                                  const manifests::RenderedSet& desired,
                                                  const std::vector<api::PlannedChange>& changes,
                                                  const model::State& state,
                                                  const std::set<manifests::ObjectKey>& later = {});

/// Where objects of that kind stand in the order of creation.
int kindOrder(const std::string& kind);

}  // namespace gantry::delivery
