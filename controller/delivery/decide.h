// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "controller/model/state.h"
#include "manifests/render/folder.h"

namespace gantry::delivery {

/// A person's `gantry sync`.
struct SyncWish {
  std::string by;
  std::string reason;
};

/// All that decides what happens to an Application next.
struct Situation {
  /// With the newest status: `observed` is what the branch holds now.
  const schema::Application& application;
  const model::State& state;
  /// What `observed` and `applied` render to; null while that is unknown, or wrong.
  const manifests::RenderedSet* observed = nullptr;
  const manifests::RenderedSet* applied = nullptr;
  std::optional<SyncWish> wish;
};

struct Decision {
  /// For the Application's status: "Synced", "OutOfSync", "Unknown", and why.
  std::string sync;
  std::string message;
  /// Why what Git holds cannot be applied, in one line; empty if it can.
  std::string problem;
  /// What should happen, or wait to happen: all of a Plan but name, effect, state and times.
  std::optional<api::Plan> plan;
  /// What `plan` applies.
  const manifests::RenderedSet* set = nullptr;
  /// Nothing is left to wait for: apply `plan` now.
  bool apply = false;
  /// A plan that waits goes on waiting beside this decision.
  bool keepOpenPlan = false;
  /// What is applied is what `observed` holds, although no plan was needed to get there.
  bool settled = false;
  /// The rollback that is on its way cannot be ended as it was confirmed.
  bool voidRollback = false;
};

/// The one place that says what is planned, and what may be applied without asking further:
///
/// - A rollback that a person has confirmed goes first, exactly as confirmed.
/// - Drift from what is applied is put back if the policy says so. That needs no approval: the same
///   content was approved when it was applied. Nothing is deleted by it.
/// - A revision that is held, or was rejected, is not planned; a held one not even for `gantry
/// sync`.
/// - Else the newest revision is planned. Deletions wait for a person where `prune` is off, and
///   the deletion of an Application always; everything else does not wait for them.
/// - It is applied when someone set it off (automatic sync, a person) and its approvals are there.
/// - A folder without manifests is a mistake, not a wish to delete everything.
///
/// Pure.
Decision decide(const Situation& situation);

}  // namespace gantry::delivery
