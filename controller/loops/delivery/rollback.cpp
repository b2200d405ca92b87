// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/rollback.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "controller/delivery/effect.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/project.h"
#include "controller/delivery/records.h"
#include "controller/delivery/suspension.h"
#include "controller/loops/delivery/impl.h"

namespace gantry::loops {
namespace {

absl::Status canBegin(const schema::Application* application, base::Timestamp now) {
  if (application == nullptr) return absl::NotFoundError("there is no such Application");
  if (application->status().has_rollback()) {
    return absl::FailedPreconditionError(
        absl::StrCat("a rollback to ", application->status().rollback().to(), " by ",
                     application->status().rollback().by(), " is on its way already"));
  }
  if (delivery::isSuspended(*application, now)) {
    return absl::FailedPreconditionError(absl::StrCat(
        delivery::suspensionMessage(application->status().suspension()), "; resume it first"));
  }
  return absl::OkStatus();
}

}  // namespace

void DeliveryLoop::Impl::prepareRollback(std::shared_ptr<RollbackJob> job,
                                         std::function<void(absl::Status)> next) {
  const model::Ptr<schema::Application> application = find(job->name);
  if (absl::Status status = canBegin(application.get(), executor_.wallNow()); !status.ok()) {
    return next(status);
  }
  const auto follower = followers_.find(job->name);
  if (follower == followers_.end() || !follower->second.observed) {
    return next(absl::UnavailableError("Git has not been read yet"));
  }
  auto target = delivery::rollbackTarget(*application, job->request.to(), state());
  if (!target.ok()) return next(target.status());
  job->target = *std::move(target);
  job->headTreeHash = follower->second.observed->tree_hash();
  const delivery::Source& source = follower->second.source;
  const schema::Revision& revision = job->target->revision();
  const auto listed = [this, job, revision,
                       next](absl::StatusOr<std::vector<gitsync::Commit>> commits) {
    if (!commits.ok()) return next(commits.status());
    job->reverted = *std::move(commits);
    if (!followers_.contains(job->name)) {
      return next(absl::NotFoundError("the Application was deleted"));
    }
    load(job->name, revision.commit(), revision.tree_hash(),
         [this, job, next](absl::StatusOr<Rendered> set) {
           if (!set.ok()) return next(set.status());
           if (!(*set)->ok()) {
             return next(absl::FailedPreconditionError("the manifests of that revision are wrong"));
           }
           // The revert commit restores the folders that are followed now.
           const auto current = followers_.find(job->name);
           if (current == followers_.end() ||
               !std::ranges::equal((*set)->folders, current->second.bases)) {
             return next(absl::FailedPreconditionError(
                 "that revision is made from other bases than now; revert it in Git"));
           }
           job->set = *std::move(set);
           next(absl::OkStatus());
         });
  };
  git_.log(source.repository, follower->second.observed->commit(), revision.commit(),
           {source.path, follower->second.bases}, delivery::kRevertedCommits,
           whileAlive<absl::StatusOr<std::vector<gitsync::Commit>>>(listed));
}

absl::StatusOr<api::Plan> DeliveryLoop::Impl::planOf(const RollbackJob& job) const {
  const model::Ptr<schema::Application> application = find(job.name);
  if (absl::Status status = canBegin(application.get(), executor_.wallNow()); !status.ok()) {
    return status;
  }
  const auto follower = followers_.find(job.name);
  if (follower == followers_.end()) return absl::NotFoundError("the Application was deleted");
  absl::StatusOr<api::Plan> plan = delivery::planRollback(*application, job.target->revision(),
                                                          follower->second.source.repository.url,
                                                          job.headTreeHash, *job.set, state());
  if (!plan.ok() || !job.isStillWanted) return plan;
  const std::string why = delivery::needsPerson(*application, *plan);
  return why.empty() ? std::move(plan) : absl::FailedPreconditionError(why);
}

std::string DeliveryLoop::Impl::whyNoRevert(const model::Name& name) const {
  const Follower& follower = followers_.at(name);
  if (!followsNoBranch(follower)) return {};
  return absl::StrCat("there will be no revert commit, since the Application follows ",
                      follower.source.revision,
                      ", which is no branch; the hold keeps the revision out that is left, until "
                      "source.targetRevision names another");
}

void DeliveryLoop::Impl::previewRollback(api::RollbackRequest request,
                                         Callback<api::RollbackPreview> done) {
  auto job = std::make_shared<RollbackJob>();
  job->name = {request.namespace_(), request.application()};
  job->request = std::move(request);
  prepareRollback(job, [this, job, done = std::move(done)](const absl::Status& status) {
    if (!status.ok()) return done(status);
    absl::StatusOr<api::Plan> plan = planOf(*job);
    if (!plan.ok()) return done(plan.status());
    plan->set_message(whyNoRevert(job->name));
    *plan->mutable_effect() =
        delivery::effectOf({plan->changes().begin(), plan->changes().end()}, *job->set, state());
    api::RollbackPreview preview;
    *preview.mutable_plan() = *std::move(plan);
    *preview.mutable_to() = *job->target;
    for (const gitsync::Commit& commit : job->reverted) {
      *preview.add_reverted() = delivery::revisionOf(commit, "");
    }
    done(std::move(preview));
  });
}

void DeliveryLoop::Impl::rollback(const delivery::Caller& caller, api::RollbackRequest request,
                                  Callback<api::RollbackResponse> done) {
  auto job = std::make_shared<RollbackJob>();
  job->name = {request.namespace_(), request.application()};
  job->caller = caller;
  job->request = std::move(request);
  if (job->request.reason().empty()) {
    return done(absl::InvalidArgumentError("a rollback needs a reason"));
  }
  const auto application = authorised(job->name, caller, delivery::kMayRollback);
  if (!application.ok()) return done(application.status());
  startRollback(std::move(job), std::move(done));
}

// What runs is put back before Git is asked: it may be away for long.
void DeliveryLoop::Impl::startRollback(std::shared_ptr<RollbackJob> job,
                                       Callback<api::RollbackResponse> done) {
  prepareRollback(job, [this, job, done = std::move(done)](absl::Status status) {
    if (status.ok()) status = recordRollback(*job);
    if (!status.ok()) return done(status);
    Follower& follower = followers_.at(job->name);
    follower.rollbackDone = done;
    follower.rollbackHold = find(job->name)->status().rollback().hold();
    follower.mayHavePushed = false;
    lookAgain(job->name);
    const model::Ptr<schema::Application> application = find(job->name);
    if (application != nullptr && application->status().has_rollback()) pushRevert(job->name);
  });
}

void DeliveryLoop::Impl::considerAutomaticRollback(const model::Name& name) {
  const model::Ptr<schema::Application> application = find(name);
  const auto found = followers_.find(name);
  if (application == nullptr || found == followers_.end()) return;
  const auto bad = delivery::turnedBad(*application, state(), executor_.wallNow());
  if (bad && found->second.automaticallyRolledBack == bad->entry) return;
  if (!std::exchange(found->second.notRolledBack, {}).empty()) queue_.mark(name);
  if (!bad) return;
  found->second.automaticallyRolledBack = bad->entry;
  auto job = std::make_shared<RollbackJob>();
  job->name = name;
  job->caller = {delivery::kController, true};
  job->request.set_namespace_(name.ns);
  job->request.set_application(name.name);
  job->request.set_to(bad->to);
  job->request.set_reason(bad->reason);
  const auto done = [this, name](const absl::StatusOr<api::RollbackResponse>& answer) {
    const model::Ptr<schema::Application> live = find(name);
    if (answer.ok() || live == nullptr) return;
    const bool unwanted = absl::IsCancelled(answer.status());
    if (!unwanted) {
      tellAbout(*live, true, "AutomaticRollbackFailed", std::string(answer.status().message()));
    }
    const auto follower = followers_.find(name);
    if (follower == followers_.end()) return;
    if (unwanted || base::isRetryable(answer.status())) {
      follower->second.automaticallyRolledBack.clear();
      return;
    }
    follower->second.notRolledBack =
        absl::StrCat("it is not rolled back by itself: ", answer.status().message());
    queue_.mark(name);
  };
  job->isStillWanted = [this, name, entry = bad->entry] {
    const model::Ptr<schema::Application> live = find(name);
    if (live == nullptr) return false;
    const auto still = delivery::turnedBad(*live, state(), executor_.wallNow());
    return still && still->entry == entry;
  };
  prepareRollback(job, [this, job, done](const absl::Status& status) {
    if (!status.ok()) return done(status);
    const absl::StatusOr<api::Plan> plan = planOf(*job);
    if (!plan.ok()) return done(plan.status());
    job->request.set_digest(plan->digest());
    startRollback(job, done);
  });
}

// The hold and the wish are recorded before anything is pushed: after a crash in between they are
// found again, and what the revert commit undoes cannot come back before it is applied.
absl::Status DeliveryLoop::Impl::recordRollback(const RollbackJob& job) {
  if (job.isStillWanted && !job.isStillWanted()) {
    return absl::CancelledError("it has got well, or the policy does not want it any more");
  }
  GANTRY_ASSIGN_OR_RETURN(const api::Plan preview, planOf(job));
  if (preview.digest() != job.request.digest()) {
    return absl::FailedPreconditionError(
        "what the rollback would change is not what was previewed; look at the preview again");
  }
  schema::Application application = *find(job.name);
  schema::ApplicationStatus& status = *application.mutable_status();
  const base::Timestamp now = executor_.wallNow();
  model::Transaction transaction(state());

  api::Hold hold;
  if (const api::Hold* known = delivery::findHold(state(), job.name, status.applied())) {
    hold = *known;
  } else {
    hold = makeHold(delivery::historyOf(state(), job.name).front()->name(), job.name,
                    status.applied(), job.caller.identity, job.request.reason());
    transaction.put(hold);
  }
  schema::PendingRollback& rollback = *status.mutable_rollback();
  rollback.set_to(job.target->name());
  *rollback.mutable_target() = job.target->revision();
  rollback.set_expected_tree_hash(job.headTreeHash);
  rollback.set_digest(preview.digest());
  rollback.set_by(job.caller.identity);
  rollback.set_reason(job.request.reason());
  rollback.mutable_at()->set_unix_ms(base::toUnixMs(now));
  rollback.set_hold(hold.name());
  rollback.set_commit_message(delivery::revertMessage(job.reverted, *job.target,
                                                      job.caller.identity, job.request.reason()));
  if (const model::Ptr<api::Plan> open = delivery::openPlan(state(), job.name)) {
    api::Plan plan = *open;
    delivery::advance(plan, api::SUPERSEDED,
                      absl::StrCat(job.caller.identity, " rolls back to ", job.target->name()),
                      now);
    transaction.put(std::move(plan));
    status.clear_pending_plan();
  }
  endRetries(transaction, job.name, absl::StrCat(job.caller.identity, " rolls back"));
  transaction.put(application);
  audit(transaction, job.name,
        {delivery::kAuditRollback, job.caller.identity, job.target->revision().commit(),
         job.request.reason(), "", preview.digest()});
  GANTRY_RETURN_IF_ERROR(ledger_.commit(std::move(transaction)));
  tellAbout(application, false, "RollbackBegun",
            absl::StrCat(job.caller.identity, " rolls back to ", job.target->name(), ": ",
                         job.request.reason()));
  return absl::OkStatus();
}

}  // namespace gantry::loops
