// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "controller/api/control.pb.h"
#include "controller/delivery/caller.h"
#include "controller/model/ledger.h"
#include "controller/webhooks/push.h"
#include "gitsync/git.h"
#include "manifests/sops/identities.h"

namespace gantry::loops {

/// Follows the repository of every Application, plans what a new revision changes, waits for
/// approvals, applies exactly the plan, and keeps its history. Controller's thread.
class DeliveryLoop {
 public:
  template <class T>
  using Callback = std::function<void(absl::StatusOr<T>)>;

  struct Options {
    /// The Application of Applications: where the controller finds all others. Empty url: none;
    /// then only Applications that are in the ledger already are followed.
    gitsync::Repository rootRepository;
    std::string rootBranch = "main";
    std::string rootPath;
    /// CA to trust for https repositories; empty: the system's.
    std::string gitCaFile;
    /// What files of SOPS are decrypted with; null: they are errors.
    std::shared_ptr<const manifests::sops::Identities> sopsKeys;
    /// Author of revert commits, with the person who asked in the message.
    std::string authorName = "Gantry";
    std::string authorEmail = "gantry@localhost";
    /// Applications whose spec does not say how often to poll.
    base::Duration pollInterval = base::Duration(30'000);
  };

  /// Where remarks about an Application go: its Events.
  using Tell = std::function<void(const schema::Application& about, bool isWarning,
                                  const std::string& reason, const std::string& message)>;

  DeliveryLoop(base::Executor& executor, base::Workers& workers, model::Ledger& ledger,
               gitsync::Git& git, Options options, Tell tell = {});
  ~DeliveryLoop();

  /// Creates the root Application if it is missing, and marks everything.
  void start();

  /// Asks Git now, plans, and applies if nothing is left to approve. Answers when that is done or
  /// when a plan waits.
  void sync(const delivery::Caller& caller, api::SyncRequest request,
            Callback<api::SyncResponse> done);

  /// Somebody says to have pushed: asks Git at once for the Applications that it may concern, and
  /// leaves all others as they are.
  void hint(const webhooks::PushHint& hint);

  /// Errors: NOT_FOUND; PERMISSION_DENIED (the Project does not let the caller, an author of the
  /// commits); INVALID_ARGUMENT (no comment where one is asked for, no reason);
  /// FAILED_PRECONDITION (commit or digest is not that of the plan, the plan no longer waits, the
  /// caller approved already).
  absl::StatusOr<api::Plan> approve(const delivery::Caller& caller,
                                    const api::ApprovePlanRequest& request);
  absl::StatusOr<api::Plan> reject(const delivery::Caller& caller,
                                   const api::RejectPlanRequest& request);

  void previewRollback(api::RollbackRequest request, Callback<api::RollbackPreview> done);

  /// Holds the reverted revision, applies the target at once, and writes the revert commit and
  /// pushes it, as soon as Git answers. Automatic sync stays on. The wish is recorded before Git is
  /// asked, and carried out also after a restart; it answers when the push has ended, or cannot be
  /// made yet (RollbackResponse.message says so). Errors: PERMISSION_DENIED,
  /// INVALID_ARGUMENT (no reason), NOT_FOUND, FAILED_PRECONDITION (the digest is not that of the
  /// preview, another rollback is on its way), ABORTED (somebody pushed in between), those of
  /// gitsync::Git::revert.
  void rollback(const delivery::Caller& caller, api::RollbackRequest request,
                Callback<api::RollbackResponse> done);

  /// Keeps a revision from being applied. Errors: INVALID_ARGUMENT (no reason), NOT_FOUND (no such
  /// commit), PERMISSION_DENIED, FAILED_PRECONDITION (held already).
  void holdRevision(const delivery::Caller& caller, api::HoldRevisionRequest request,
                    Callback<api::Hold> done);

  /// Nothing is applied to the Application, and nothing put back, until it is resumed or the time
  /// has run out. Errors: INVALID_ARGUMENT (no reason), NOT_FOUND, PERMISSION_DENIED;
  /// FAILED_PRECONDITION (resume: it is not suspended).
  absl::StatusOr<api::SuspendResponse> suspend(const delivery::Caller& caller,
                                               const api::SuspendRequest& request);
  absl::StatusOr<api::ResumeResponse> resume(const delivery::Caller& caller,
                                             const api::ResumeRequest& request);

  /// The plan of a revision that is not followed, over what runs now; changes nothing. It is merged
  /// into the branch that is followed; Plan.message says so, or why not. Errors: NOT_FOUND,
  /// INVALID_ARGUMENT (its manifests are wrong), FAILED_PRECONDITION (it cannot be merged, or could
  /// not be applied), ABORTED (the Application's source was changed meanwhile), those of
  /// gitsync::Git::fetch and merge.
  void previewRevision(api::PreviewRevisionRequest request, Callback<api::Plan> done);

  /// What differs between two revisions, as a plan from the one to the other.
  void compareRevisions(api::CompareRevisionsRequest request, Callback<api::Plan> done);

  /// Also gives up a rollback that is still on its way. Errors: NOT_FOUND, PERMISSION_DENIED.
  absl::StatusOr<api::LiftHoldResponse> liftHold(const delivery::Caller& caller,
                                                 const api::LiftHoldRequest& request);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::loops
