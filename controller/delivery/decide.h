// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/time.h"
#include "controller/delivery/ahead.h"
#include "controller/delivery/commits.h"
#include "controller/delivery/waves.h"
#include "controller/model/state.h"
#include "manifests/render/folder.h"

namespace gantry::delivery {

/// A person's `gantry sync`.
struct SyncWish {
  std::string by;
  std::string reason;
  /// Digest of the plan that is to be applied although a window or a dependency keeps it back;
  /// empty: none is.
  std::string overrideDigest = {};
  /// `by` is an admin of the cluster, whom no Project limits.
  bool isAdmin = false;
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
  base::Timestamp now;
  /// URL of the repository.
  std::string repository = {};
  /// What a rollback that is on its way goes back to, once that is rendered.
  const manifests::RenderedSet* rollback = nullptr;
  /// Commits between what is applied and `observed`, newest first; null while that is unknown.
  const Commits* commits = nullptr;
  /// Why the signature of `observed` does not do; empty if it does, or none is asked for.
  std::string signatureProblem = {};
  /// What a newer revision waits for in the Application before; see Promoted.
  std::string promotionWaits = {};
  /// What the plan that is being applied in waves holds, once that is rendered.
  const manifests::RenderedSet* applying = nullptr;
  /// Set: what is decided waits until that is there, and is planned over it. `application` is its.
  const Ahead* behind = nullptr;
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
  /// What is to be done about the plan that is being applied in waves, and what that plan holds;
  /// `plan` may wait beside it.
  std::optional<WaveStep> waves;
  const manifests::RenderedSet* wavesSet = nullptr;
  /// A plan that waits goes on waiting beside this decision.
  bool keepOpenPlan = false;
  /// What is applied is what `observed` holds, although no plan was needed to get there.
  bool settled = false;
  /// The rollback that is on its way cannot be ended as it was confirmed.
  bool voidRollback = false;
  /// The revert commit of a rollback that is applied is in Git: the rollback has ended.
  bool endRollback = false;
  /// Why the wish cannot be granted although nothing is wrong: a stale digest.
  absl::Status refused;
  /// When the decision may be another one although nothing else has changed.
  std::optional<base::Timestamp> lookAgainAt;
};

/// The one place that says what is planned, and what may be applied without asking further:
///
/// - A rollback that a person has confirmed goes first, exactly as confirmed, without waiting for
///   its revert commit to be in Git. It needs no window, but waits while the Application is
///   suspended, and is given up if what it goes back to is held meanwhile.
/// - Drift from what is applied is put back if the policy says so. That needs no approval: the same
///   content was approved when it was applied, and if what is applied renders to something else now
///   that is no drift. Nothing is deleted by it, no policy is loosened, and nothing is touched
///   while the Application is suspended, no window is open, or the Project does not allow it.
/// - A revision that is held, or was rejected, is not planned; a held one not even for `gantry
/// sync`.
/// - Else the newest revision is planned. Deletions wait for a person where `prune` is off, and
///   the deletion of an Application always; everything else does not wait for them.
/// - What is outside the limits of the Project, or not signed by a key that it trusts where that is
///   asked for, is not planned.
/// - It is applied when all its gates are open (gates.h), judged by what is in force at that time.
/// - A plan that is being applied in waves goes on, wave by wave (waves.h), until another one may
///   be applied; meanwhile nothing is put back. One that has failed is tried again if the policy
///   says so (retry.h), with the approvals that it had as long as it is the same plan.
/// - A newer one that needs nobody's approval takes its place at once. One that does is planned
/// over
///   what will be there once the waves are in (ahead.h), and waits for that; it is planned over
///   what is there only if the waves may not go on, or one has lasted for two minutes.
/// - A folder without manifests is a mistake, not a wish to delete everything.
///
/// Pure.
Decision decide(const Situation& situation);

}  // namespace gantry::delivery
