// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/backoff.h"
#include "base/executor.h"
#include "controller/api/control.pb.h"
#include "controller/delivery/commits.h"
#include "controller/delivery/decide.h"
#include "controller/delivery/settings.h"
#include "controller/loops/delivery/delivery_loop.h"
#include "gitsync/git.h"
#include "manifests/render/folder.h"

namespace gantry::loops {

using Rendered = std::shared_ptr<const manifests::RenderedSet>;

struct SyncWaiter {
  delivery::SyncWish wish;
  DeliveryLoop::Callback<api::SyncResponse> done;
};

/// What the loop knows of an Application beside the ledger; all of it is found again after a
/// restart.
struct Follower {
  Follower() : backoff(base::Duration(2'000), base::Duration(120'000)) {}

  delivery::Source source;
  /// Folders that the kustomization in the source's path refers to outside of it, as far as is
  /// known: part of what is followed.
  std::vector<std::string> bases;
  /// Answers that were asked for with another number are for another source.
  std::uint64_t epoch = 0;
  /// What is followed holds; unset until the first answer.
  std::optional<schema::Revision> observed;
  /// The ref that what is followed means, as the last fetch found it; empty for a commit.
  std::string ref;
  /// How it came from what is applied to `commit`, which was observed; unset while that is
  /// unknown.
  struct Way {
    std::string since;
    std::string commit;
    delivery::Commits commits;
    /// Of a revision that goes back: the head that was asked who did that. Else it does not
    /// matter.
    std::string head;
    /// By which trusted keys the signatures were looked at (keysOf); empty: by none, since
    /// they are not asked for.
    std::string keys;
    /// Why the signatures do not do, and whose that of `commit` is.
    std::string problem;
    std::string signedBy;
  };
  std::optional<Way> way;
  /// By commit, as far as it is on the way: who signed it, or why that is nobody who counts, by
  /// the keys that `signersBy` stands for (keysOf).
  std::map<std::string, absl::StatusOr<gitsync::Signer>> signers;
  std::string signersBy;
  /// Why the signatures could not be looked at the last time.
  std::string signersProblem;
  /// The commit that the Application before this one has been healthy at, if it is promoted from
  /// one, and what a newer one waits for.
  std::string promoted;
  std::string promotionWaits;
  /// The revision that was fetched last, or is being fetched.
  std::string asked;
  /// When a decision, what may be promoted, or the health may be another one by itself: a window,
  /// an expiry, the end of a soak, a pod that is not Ready for too long; and what looks again at
  /// the first of them.
  std::optional<base::Timestamp> decisionChangesAt;
  std::optional<base::Timestamp> promotionChangesAt;
  std::optional<base::Timestamp> healthChangesAt;
  /// Its rollout has been followed since this controller began.
  bool isWatched = false;
  base::Executor::TimerId look = 0;
  /// By tree hash: the sets of `observed` and of what is applied. Not ok() ones are kept too, so
  /// that wrong manifests are read once.
  std::map<std::string, Rendered> sets;
  /// Tree hashes of what was applied and is being read, or could not be, since the last fetch.
  std::set<std::string> loading;
  /// A fetch, with the rendering that follows it, is under way; another is wanted after it.
  bool busy = false;
  bool again = false;
  /// Something may have changed that a plan depends on.
  bool replan = true;
  /// `observed` is not what was promoted, where there is a promotion: it was seen on the branch
  /// while a rollback was on its way.
  bool isOnBranch = false;
  /// Set while it waits until `pollAt` to ask Git again.
  base::Executor::TimerId poll = 0;
  base::Instant pollAt{};
  base::Backoff backoff;
  /// Set once known: what is wrong with Git, or with the manifests. Empty: nothing.
  std::optional<std::string> sourceProblem;
  std::optional<std::string> renderProblem;
  std::optional<base::Timestamp> lastFetch;
  /// When it was last looked whether there is something to plan, and what the plan that waits
  /// would do to pods.
  base::Instant plannedAt{};
  base::Instant effectAt{};
  /// Of the spec that was last planned for.
  std::int64_t generation = -1;
  /// The way of audit records to the repository's notes: when to try again, what was wrong the
  /// last time, and whether some are on their way.
  struct NotesExport {
    base::Backoff backoff{base::Duration(10'000), base::Duration(600'000)};
    base::Instant notBefore{};
    std::string problem;
    bool isUnderWay = false;
  };
  NotesExport notes;
  /// What the last decision said.
  std::string sync = "Unknown";
  std::string syncMessage;
  std::string applyProblem;
  /// Those who wait for the next fetch, and for the one under way.
  std::vector<SyncWaiter> waiting;
  std::vector<SyncWaiter> served;
  /// For those who are served.
  std::optional<absl::StatusOr<api::SyncResponse>> answer;
  /// The rollback under way: whether Git is at it, what it said last, whether the revert commit
  /// may be there although Git did not say so, and who waits for the end.
  bool reverting = false;
  absl::Status revertError;
  bool mayHavePushed = true;
  std::string rollbackHold;
  /// The history entry that was last gone back from automatically, or tried to.
  std::string automaticallyRolledBack;
  /// Why that could not be, while it would have to be.
  std::string notRolledBack;
  DeliveryLoop::Callback<api::RollbackResponse> rollbackDone;
};

}  // namespace gantry::loops
