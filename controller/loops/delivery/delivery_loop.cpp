// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/delivery/delivery_loop.h"

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/log.h"
#include "controller/api/system_names.h"
#include "controller/delivery/conditions.h"
#include "controller/delivery/health.h"
#include "controller/delivery/history.h"
#include "controller/delivery/merge.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/project.h"
#include "controller/delivery/records.h"
#include "controller/loops/delivery/apply.h"
#include "controller/loops/delivery/impl.h"

namespace gantry::loops {
DeliveryLoop::Impl::Impl(base::Executor& executor, base::Workers& workers, model::Ledger& ledger,
                         gitsync::Git& git, Options options, Tell tell)
    : executor_(executor),
      workers_(workers),
      ledger_(ledger),
      git_(git),
      options_(std::move(options)),
      tell_(std::move(tell)),
      queue_(executor,
             [this](const model::Name& name) {
               WorkQueue<model::Name>::Outcome outcome;
               outcome.retry = !step(name);
               return outcome;
             }),
      alive_(std::make_shared<bool>(true)) {}

void DeliveryLoop::Impl::start() {
  ledger_.observe([this, alive = alive_](std::span<const model::Change> changes) {
    if (*alive) observe(changes);
  });
  createRoot();
  for (const auto& [name, entry] : state().applications.entries()) {
    indexInventory(*entry.object, delivery::applyingPlan(state(), name).get());
    queue_.mark(name);
  }
}

void DeliveryLoop::Impl::createRoot() {
  if (options_.rootRepository.url.empty()) return;
  const model::Name name{api::kSystemNamespace, api::kRootApplication};
  const schema::Application* live = state().applications.find(name);
  schema::Application root;
  if (live != nullptr) root = *live;
  root.mutable_metadata()->set_namespace_(name.ns);
  root.mutable_metadata()->set_name(name.name);
  schema::ApplicationSpec spec;
  spec.mutable_source()->set_repo_url(options_.rootRepository.url);
  spec.mutable_source()->set_target_revision(options_.rootBranch);
  spec.mutable_source()->set_path(options_.rootPath);
  spec.mutable_destination()->set_namespace_(api::kSystemNamespace);
  spec.mutable_sync_policy()->mutable_automated()->set_prune(true);
  if (live != nullptr &&
      manifests::canonicalBytes(spec) == manifests::canonicalBytes(root.spec())) {
    return;
  }
  *root.mutable_spec() = std::move(spec);
  root.mutable_metadata()->set_generation(root.metadata().generation() + 1);
  if (live == nullptr) {
    root.mutable_metadata()->set_uid(base::newUid(executor_));
    root.mutable_metadata()->mutable_creation_timestamp()->set_unix_ms(
        base::toUnixMs(executor_.wallNow()));
  }
  model::Transaction transaction(state());
  transaction.put(std::move(root));
  if (const absl::Status status = ledger_.commit(std::move(transaction)); !status.ok()) {
    base::logError(absl::StrCat("the root Application cannot be recorded: ", status.message()));
    executor_.postAfter(base::Duration(1'000), [this, alive = alive_] {
      if (*alive) createRoot();
    });
  }
}

Follower& DeliveryLoop::Impl::follow(const schema::Application& application) {
  const model::Name name = model::nameOf(application);
  delivery::Source source =
      delivery::sourceOf(application, delivery::projectOf(application, state()),
                         options_.rootRepository, options_.gitCaFile);
  Follower& follower = followers_[name];
  if (follower.epoch == 0 || follower.source != source) {
    std::vector<SyncWaiter> waiting = std::move(follower.waiting);
    std::ranges::move(follower.served, std::back_inserter(waiting));
    if (follower.poll != 0) executor_.cancel(follower.poll);
    if (follower.look != 0) executor_.cancel(follower.look);
    if (follower.rollbackDone) {
      answerRollback(name, absl::AbortedError("the source of the Application was changed"));
    }
    follower = Follower();
    follower.source = std::move(source);
    follower.epoch = ++lastEpoch_;
    follower.waiting = std::move(waiting);
    beginFetch(name);
  }
  if (follower.generation != application.metadata().generation()) {
    follower.generation = application.metadata().generation();
    follower.replan = true;
    indexDependencies(application);
    if (application.spec().source().require_signature() && follower.signersBy.empty()) {
      beginFetch(name);
    }
  }
  return follower;
}

void DeliveryLoop::Impl::forget(const model::Name& name) {
  const auto found = followers_.find(name);
  if (found != followers_.end()) {
    Follower follower = std::move(found->second);
    followers_.erase(found);
    if (follower.poll != 0) executor_.cancel(follower.poll);
    if (follower.look != 0) executor_.cancel(follower.look);
    const absl::Status gone = absl::NotFoundError("the Application was deleted");
    for (const SyncWaiter& waiter : follower.waiting) waiter.done(gone);
    for (const SyncWaiter& waiter : follower.served) waiter.done(gone);
    if (follower.rollbackDone) follower.rollbackDone(gone);
  }
  for (const manifests::ObjectKey& key : owned_[name]) owners_.erase(key);
  owned_.erase(name);
  followLeft();
  for (const model::Name& other : looksAt_[name]) dependents_[other].erase(name);
  looksAt_.erase(name);
  model::Transaction transaction(state());
  for (const auto& left :
       {delivery::openPlan(state(), name), delivery::applyingPlan(state(), name)}) {
    if (left == nullptr) continue;
    api::Plan plan = *left;
    delivery::advance(plan, api::SUPERSEDED, "the Application was deleted", executor_.wallNow());
    transaction.put(std::move(plan));
  }
  if (!ledger_.commit(std::move(transaction)).ok()) queue_.mark(name);
}

void DeliveryLoop::Impl::followLeft() {
  for (const auto& [name, follower] : followers_) {
    const model::Ptr<schema::Application> application = find(name);
    const model::Ptr<api::Plan> running = delivery::applyingPlan(state(), name);
    if (application == nullptr || running == nullptr) continue;
    indexInventory(*application, running.get());
    queue_.mark(name);
  }
}

// ---- the class that others see

DeliveryLoop::DeliveryLoop(base::Executor& executor, base::Workers& workers, model::Ledger& ledger,
                           gitsync::Git& git, Options options, Tell tell)
    : impl_(std::make_unique<Impl>(executor, workers, ledger, git, std::move(options),
                                   std::move(tell))) {}
DeliveryLoop::~DeliveryLoop() = default;

void DeliveryLoop::start() {
  impl_->start();
}

void DeliveryLoop::sync(const delivery::Caller& caller, api::SyncRequest request,
                        Callback<api::SyncResponse> done) {
  impl_->sync(caller, std::move(request), std::move(done));
}

void DeliveryLoop::hint(const webhooks::PushHint& hint) {
  impl_->hint(hint);
}

absl::StatusOr<api::Plan> DeliveryLoop::approve(const delivery::Caller& caller,
                                                const api::ApprovePlanRequest& request) {
  return impl_->approve(caller, request);
}

absl::StatusOr<api::Plan> DeliveryLoop::reject(const delivery::Caller& caller,
                                               const api::RejectPlanRequest& request) {
  return impl_->reject(caller, request);
}

void DeliveryLoop::holdRevision(const delivery::Caller& caller, api::HoldRevisionRequest request,
                                Callback<api::Hold> done) {
  impl_->holdRevision(caller, std::move(request), std::move(done));
}

absl::StatusOr<api::SuspendResponse> DeliveryLoop::suspend(const delivery::Caller& caller,
                                                           const api::SuspendRequest& request) {
  return impl_->suspend(caller, request);
}

absl::StatusOr<api::ResumeResponse> DeliveryLoop::resume(const delivery::Caller& caller,
                                                         const api::ResumeRequest& request) {
  return impl_->resume(caller, request);
}

void DeliveryLoop::previewRevision(api::PreviewRevisionRequest request, Callback<api::Plan> done) {
  impl_->previewRevision(std::move(request), std::move(done));
}

void DeliveryLoop::compareRevisions(api::CompareRevisionsRequest request,
                                    Callback<api::Plan> done) {
  impl_->compareRevisions(std::move(request), std::move(done));
}

absl::StatusOr<api::LiftHoldResponse> DeliveryLoop::liftHold(const delivery::Caller& caller,
                                                             const api::LiftHoldRequest& request) {
  return impl_->liftHold(caller, request);
}

void DeliveryLoop::previewRollback(api::RollbackRequest request,
                                   Callback<api::RollbackPreview> done) {
  impl_->previewRollback(std::move(request), std::move(done));
}

void DeliveryLoop::rollback(const delivery::Caller& caller, api::RollbackRequest request,
                            Callback<api::RollbackResponse> done) {
  impl_->rollback(caller, std::move(request), std::move(done));
}

}  // namespace gantry::loops
