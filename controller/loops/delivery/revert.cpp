// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "controller/delivery/records.h"
#include "controller/delivery/suspension.h"
#include "controller/loops/delivery/impl.h"

namespace gantry::loops {

void DeliveryLoop::Impl::continueRollback(const model::Name& name, const absl::Status& fetched) {
  const model::Ptr<schema::Application> application = find(name);
  if (application == nullptr || !application->status().has_rollback()) return;
  const schema::PendingRollback& rollback = application->status().rollback();
  Follower& follower = followers_.at(name);
  if (follower.reverting) return;
  // Nothing is pushed that may not be applied yet.
  if (!rollback.applied() && delivery::isSuspended(*application, executor_.wallNow())) return;
  const absl::Status error = std::exchange(follower.revertError, absl::OkStatus());
  if (!fetched.ok() || !error.ok()) {
    if (fetched.ok() && follower.observed->tree_hash() == rollback.target().tree_hash()) return;
    const absl::Status why = fetched.ok() ? error : fetched;
    if (!rollback.applied()) {
      return answerRollback(name,
                            base::annotate(why, "the rollback is recorded and goes on by itself"));
    }
    api::RollbackResponse response;
    *response.mutable_revert() = rollback.target();
    response.set_message(absl::StrCat(
        "applied; the revert commit is pushed as soon as Git can be written: ", why.message()));
    return answerRollback(name, std::move(response));
  }
  const std::string& head = follower.observed->tree_hash();
  // The step that went before has applied it, or will when the store can be written again.
  if (head == rollback.target().tree_hash()) return;
  if (head == rollback.expected_tree_hash()) return pushRevert(name);
  giveUpRollback(name, absl::AbortedError("somebody pushed in between; look at the preview again"),
                 !follower.mayHavePushed);
}

void DeliveryLoop::Impl::pushRevert(const model::Name& name) {
  Follower& follower = followers_.at(name);
  const schema::PendingRollback& rollback = find(name)->status().rollback();
  follower.reverting = true;
  gitsync::RevertRequest request;
  request.repository = follower.source.repository;
  request.branch = follower.source.revision;
  request.path = follower.source.path;
  request.more = follower.bases;
  request.restoreCommit = rollback.target().commit();
  request.expectedTreeHash = rollback.expected_tree_hash();
  request.authorName = options_.authorName;
  request.authorEmail = options_.authorEmail;
  request.message = rollback.commit_message();
  git_.revert(std::move(request), whileFollowed<absl::StatusOr<gitsync::Commit>>(
                                      name, [this, name](absl::StatusOr<gitsync::Commit> result) {
                                        reverted(name, result.status());
                                      }));
}

// Only what the branch then holds says what became of it, whatever the answer.
void DeliveryLoop::Impl::reverted(const model::Name& name, const absl::Status& result) {
  Follower& follower = followers_.at(name);
  follower.reverting = false;
  // ABORTED: nothing was written, somebody else was faster.
  const bool unknown = base::isRetryable(result) && !absl::IsAborted(result);
  if (!result.ok() && !unknown && !absl::IsAborted(result)) {
    return giveUpRollback(name, result, !follower.mayHavePushed);
  }
  follower.mayHavePushed |= result.ok() || unknown;
  if (unknown) follower.revertError = result;
  beginFetch(name);
}

void DeliveryLoop::Impl::giveUpRollback(const model::Name& name, const absl::Status& why,
                                        bool liftHold) {
  const model::Ptr<schema::Application> live = find(name);
  if (live == nullptr || !live->status().has_rollback()) return;
  schema::Application application = *live;
  const schema::PendingRollback rollback = live->status().rollback();
  const std::string& hold = rollback.hold();
  liftHold &= !rollback.applied();
  application.mutable_status()->clear_rollback();
  model::Transaction transaction(state());
  transaction.put(application);
  if (liftHold) transaction.erase<api::Hold>({name.ns, hold});
  if (rollback.applied()) holdOvertaking(transaction, application, rollback);
  // If this cannot be recorded, the next fetch comes to the same end.
  const absl::Status committed = ledger_.commit(std::move(transaction));
  if (!committed.ok()) return answerRollback(name, committed);
  const std::string stays = liftHold ? "" : absl::StrCat("; the hold ", hold, " stays");
  tellAbout(application, true, "RollbackGivenUp", absl::StrCat(why.message(), stays));
  if (rollback.applied()) {
    api::RollbackResponse response;
    *response.mutable_revert() = rollback.target();
    response.set_message(
        absl::StrCat("applied, but there is no revert commit: ", why.message(), stays));
    answerRollback(name, std::move(response));
  } else {
    answerRollback(name, why);
  }
  lookAgain(name);
}

// What was pushed while the rollback went on is made of what it went back from.
void DeliveryLoop::Impl::holdOvertaking(model::Transaction& transaction,
                                        const schema::Application& application,
                                        const schema::PendingRollback& rollback) const {
  const model::Name name = model::nameOf(application);
  const auto follower = followers_.find(name);
  if (follower == followers_.end() || !follower->second.observed) return;
  const schema::Revision& newest = *follower->second.observed;
  if (delivery::findHold(state(), name, newest) != nullptr) return;
  transaction.put(makeHold(delivery::holdName(name, newest), name, newest, rollback.by(),
                           absl::StrCat("pushed while the rollback to ", rollback.to(),
                                        " was on its way: ", rollback.reason())));
}

void DeliveryLoop::Impl::answerRollback(const model::Name& name,
                                        absl::StatusOr<api::RollbackResponse> answer) {
  const auto found = followers_.find(name);
  if (found == followers_.end()) return;
  const auto done = std::exchange(found->second.rollbackDone, nullptr);
  if (!done) return;
  if (answer.ok()) answer->set_hold(found->second.rollbackHold);
  done(std::move(answer));
}

}  // namespace gantry::loops
