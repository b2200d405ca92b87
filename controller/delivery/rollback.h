// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "controller/model/state.h"
#include "gitsync/git.h"
#include "manifests/render/folder.h"

namespace gantry::delivery {

/// How many commits a preview and the revert commit's message name at most.
inline constexpr int kRevertedCommits = 100;

/// The history entry to go back to: the one named `to`, or, if that is empty, the newest of another
/// content than what is applied now that is not held. Errors: NOT_FOUND; FAILED_PRECONDITION (it is
/// what is applied, it is held, nothing is applied).
absl::StatusOr<model::Ptr<api::HistoryEntry>> rollbackTarget(const schema::Application& application,
                                                             const std::string& to,
                                                             const model::State& state);

/// A revision that has to be gone back from.
struct TurnedBad {
  /// Name of its history entry, and of the one to go back to.
  std::string entry;
  std::string to;
  std::string reason;
};

/// Whether the policy has the newest revision rolled back now: one of its waves has failed after
/// something of it was applied and is not tried again, its rollout missed its deadline, or what was
/// healthy has become Degraded within the time that it is watched. What is Degraded is not mended
/// by trying again. Goes back to the newest one before it that was healthy and is not held; a
/// rollback is not rolled back. Nothing if not.
std::optional<TurnedBad> turnedBad(const schema::Application& application,
                                   const model::State& state, base::Timestamp now);

/// What going back to `target` would change, with a digest of its own. No commit holds it yet, so
/// the plan's commit reads "<target commit> over <tree hash at the head of the branch>": a push in
/// between changes the digest as well. Error: FAILED_PRECONDITION (the objects of `target` cannot
/// be applied, are outside what the Project allows now, or loosen a policy that asks for approvals,
/// which a rollback does not). `repository` is the URL that it comes from.
absl::StatusOr<api::Plan> planRollback(const schema::Application& application,
                                       const schema::Revision& target,
                                       const std::string& repository,
                                       const std::string& headTreeHash,
                                       const manifests::RenderedSet& rendered,
                                       const model::State& state);

/// Why the rollback is nothing that the controller may do by itself: it deletes what a person has
/// to agree to (budget.h). Empty: it may. Pure.
std::string needsPerson(const schema::Application& application, const api::Plan& rollback);

/// Message of the revert commit: `Revert "<subject>"`, one line `This reverts commit <id>.` for
/// each commit, the reason and who asked.
std::string revertMessage(const std::vector<gitsync::Commit>& reverted,
                          const api::HistoryEntry& target, const std::string& by,
                          const std::string& reason);

/// A commit as records name it.
schema::Revision revisionOf(const gitsync::Commit& commit, const std::string& treeHash);

}  // namespace gantry::delivery
