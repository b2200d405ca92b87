// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/delivery_loop.h"

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/log.h"
#include "controller/delivery/conditions.h"
#include "controller/delivery/health.h"
#include "controller/delivery/history.h"
#include "controller/delivery/merge.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/records.h"
#include "controller/loops/delivery_apply.h"
#include "controller/loops/delivery_impl.h"

namespace gantry::loops {
namespace {

constexpr char kSystemNamespace[] = "gantry-system";
constexpr char kRootName[] = "root";

/// How old the record of the last fetch may be; every fetch in the store would be a write a poll.
constexpr base::Duration kFetchRecordAge(300'000);

manifests::ObjectKey keyOf(const schema::InventoryItem& item) {
  return {item.kind(), item.namespace_(), item.name()};
}

const manifests::RenderedSet* usable(
    const std::map<std::string, std::shared_ptr<const manifests::RenderedSet>>& sets,
    const schema::Revision& revision) {
  const auto found = sets.find(revision.tree_hash());
  return found == sets.end() || !found->second->ok() ? nullptr : found->second.get();
}

}  // namespace

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
    indexInventory(*entry.object);
    queue_.mark(name);
  }
}

void DeliveryLoop::Impl::createRoot() {
  if (options_.rootRepository.url.empty()) return;
  const model::Name name{kSystemNamespace, kRootName};
  const schema::Application* live = state().applications.find(name);
  schema::Application root;
  if (live != nullptr) root = *live;
  root.mutable_metadata()->set_namespace_(name.ns);
  root.mutable_metadata()->set_name(name.name);
  schema::ApplicationSpec spec;
  spec.mutable_source()->set_repo_url(options_.rootRepository.url);
  spec.mutable_source()->set_target_revision(options_.rootBranch);
  spec.mutable_source()->set_path(options_.rootPath);
  spec.mutable_destination()->set_namespace_(kSystemNamespace);
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

// ---- what marks an Application

void DeliveryLoop::Impl::observe(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    if (const auto* application = std::get_if<model::Ptr<schema::Application>>(&change.object)) {
      const model::Name name = model::nameOf(**application);
      if (name != committing_ || change.erased) queue_.mark(name);
    }
    if (const auto* hold = std::get_if<model::Ptr<api::Hold>>(&change.object)) {
      const model::Name name{(*hold)->namespace_(), (*hold)->application()};
      if (const auto found = followers_.find(name); found != followers_.end()) {
        found->second.replan = true;
        queue_.mark(name);
      }
      continue;
    }
    observeObject(change);
  }
}

void DeliveryLoop::Impl::observeObject(const model::Change& change) {
  manifests::ObjectKey key{change.kind, change.name.ns, change.name.name};
  const auto* pod = std::get_if<model::Ptr<model::Pod>>(&change.object);
  if (pod != nullptr && !(*pod)->ownerName.empty()) {
    // What a Pod says is told by its Deployment.
    const schema::ReplicaSet* set = state().replicaSets.find({key.ns, (*pod)->ownerName});
    if (set == nullptr || set->metadata().owner_references().empty()) return;
    key = {"Deployment", key.ns, set->metadata().owner_references(0).name()};
  }
  const auto owned = owners_.find(key);
  if (owned == owners_.end()) return;
  const model::Name& name = owned->second.application;
  const auto follower = followers_.find(name);
  if (follower == followers_.end()) return;
  bool differs = change.erased && key.kind == change.kind;
  std::visit(
      [&]<class T>(const model::Ptr<T>& object) {
        if constexpr (requires { object->metadata(); }) {
          // What Git leaves to the system in a Service is not known here: plan, to be sure.
          differs |= key.kind == "Service" ||
                     delivery::contentHash(*object, nullptr) != owned->second.hash;
        }
      },
      change.object);
  follower->second.replan |= differs;
  queue_.mark(name);
}

void DeliveryLoop::Impl::indexInventory(const schema::Application& application) {
  const model::Name name = model::nameOf(application);
  for (const manifests::ObjectKey& key : owned_[name]) {
    const auto found = owners_.find(key);
    if (found != owners_.end() && found->second.application == name) owners_.erase(found);
  }
  std::vector<manifests::ObjectKey>& keys = owned_[name];
  keys.clear();
  for (const schema::InventoryItem& item : application.status().inventory()) {
    keys.push_back(keyOf(item));
    owners_[keys.back()] = {name, item.applied_hash()};
  }
}

DeliveryLoop::Impl::Follower& DeliveryLoop::Impl::follow(const schema::Application& application) {
  const model::Name name = model::nameOf(application);
  delivery::Source source =
      delivery::sourceOf(application, options_.rootRepository, options_.gitCaFile);
  Follower& follower = followers_[name];
  if (follower.epoch == 0 || follower.source != source) {
    std::vector<SyncWaiter> waiting = std::move(follower.waiting);
    std::ranges::move(follower.served, std::back_inserter(waiting));
    if (follower.poll != 0) executor_.cancel(follower.poll);
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
  }
  return follower;
}

void DeliveryLoop::Impl::forget(const model::Name& name) {
  const auto found = followers_.find(name);
  if (found != followers_.end()) {
    Follower follower = std::move(found->second);
    followers_.erase(found);
    if (follower.poll != 0) executor_.cancel(follower.poll);
    const absl::Status gone = absl::NotFoundError("the Application was deleted");
    for (const SyncWaiter& waiter : follower.waiting) waiter.done(gone);
    for (const SyncWaiter& waiter : follower.served) waiter.done(gone);
    if (follower.rollbackDone) follower.rollbackDone(gone);
  }
  for (const manifests::ObjectKey& key : owned_[name]) owners_.erase(key);
  owned_.erase(name);
  const model::Ptr<api::Plan> open = delivery::openPlan(state(), name);
  if (open == nullptr) return;
  api::Plan plan = *open;
  delivery::advance(plan, api::SUPERSEDED, "the Application was deleted", executor_.wallNow());
  model::Transaction transaction(state());
  transaction.put(std::move(plan));
  if (!ledger_.commit(std::move(transaction)).ok()) queue_.mark(name);
}

// ---- one step

bool DeliveryLoop::Impl::step(const model::Name& name,
                              const std::optional<delivery::SyncWish>& wish) {
  const model::Ptr<schema::Application> live = find(name);
  if (live == nullptr) {
    forget(name);
    return true;
  }
  Follower& follower = follow(*live);
  schema::Application application = *live;
  model::Transaction transaction(state());
  refreshStatus(application, follower);
  loadApplied(application, follower);
  std::optional<delivery::Decision> decision;
  if (follower.replan || wish) decision = converge(transaction, application, follower, wish);
  if (!decision || !decision->apply) summarize(transaction, application, follower);

  const bool changed = manifests::canonicalBytes(application) != manifests::canonicalBytes(*live);
  schema::ApplicationStatus& status = *application.mutable_status();
  const bool oldRecord =
      follower.lastFetch &&
      base::fromUnixMs(status.last_fetch().unix_ms()) + kFetchRecordAge <= *follower.lastFetch;
  if (follower.lastFetch && (changed || oldRecord)) {
    status.mutable_last_fetch()->set_unix_ms(base::toUnixMs(*follower.lastFetch));
  }
  if (changed || oldRecord) transaction.put(application);
  const absl::Status committed = commit(std::move(transaction), name);
  if (!committed.ok()) {
    follower.replan = true;
    if (wish) follower.answer = committed;
    return false;
  }
  if (decision) tellDecision(application, follower, *decision, wish.has_value());
  return true;
}

void DeliveryLoop::Impl::refreshStatus(schema::Application& application, Follower& follower) const {
  schema::ApplicationStatus& status = *application.mutable_status();
  const base::Timestamp now = executor_.wallNow();
  if (follower.observed) {
    *status.mutable_observed() = *follower.observed;
    if (const manifests::RenderedSet* set = usable(follower.sets, *follower.observed)) {
      status.mutable_observed()->set_rendered_hash(set->hash);
    }
  }
  if (follower.sourceProblem) {
    delivery::setProblem(status, delivery::kSourceProblem, *follower.sourceProblem, now);
  }
  if (follower.renderProblem) {
    delivery::setProblem(status, delivery::kRenderProblem, *follower.renderProblem, now);
  }
  status.set_observed_generation(application.metadata().generation());
}

void DeliveryLoop::Impl::loadApplied(const schema::Application& application, Follower& follower) {
  const schema::Revision& applied = application.status().applied();
  const bool needed = delivery::mayHeal(application) && !applied.commit().empty() &&
                      follower.observed && follower.observed->tree_hash() != applied.tree_hash() &&
                      !follower.sets.contains(applied.tree_hash());
  if (!needed || !follower.loading.insert(applied.tree_hash()).second) return;
  const model::Name name = model::nameOf(application);
  load(name, applied.commit(), applied.tree_hash(), [this, name](absl::StatusOr<Rendered> set) {
    const auto found = followers_.find(name);
    if (!set.ok() || found == followers_.end()) return;
    found->second.replan = true;
    queue_.mark(name);
  });
}

delivery::Decision DeliveryLoop::Impl::converge(model::Transaction& transaction,
                                                schema::Application& application,
                                                Follower& follower,
                                                const std::optional<delivery::SyncWish>& wish) {
  follower.replan = false;
  follower.plannedAt = executor_.now();
  schema::ApplicationStatus& status = *application.mutable_status();
  const schema::Application situation = application;
  delivery::Decision decision =
      delivery::decide({situation, state(), usable(follower.sets, status.observed()),
                        usable(follower.sets, status.applied()), wish});
  if (decision.voidRollback) status.clear_rollback();
  carryOut(transaction, state(), decision, application, executor_);
  if (decision.apply || decision.settled) indexInventory(application);
  // There may be more to do: deletions that wait for a person, a newer revision after a repair.
  follower.replan = decision.apply || decision.voidRollback;
  follower.sync = decision.sync;
  follower.syncMessage = decision.message;
  follower.applyProblem = decision.problem;
  status.set_sync(follower.sync);
  delivery::setProblem(status, delivery::kApplyProblem, decision.problem, executor_.wallNow());
  return decision;
}

void DeliveryLoop::Impl::summarize(model::Transaction& transaction,
                                   schema::Application& application,
                                   const Follower& follower) const {
  schema::ApplicationStatus& status = *application.mutable_status();
  const delivery::Health health = delivery::healthOf(application, state());
  status.set_health(health.health);
  for (const std::string& message :
       {follower.sourceProblem.value_or(""), follower.renderProblem.value_or(""),
        follower.syncMessage, health.message}) {
    status.set_message(message);
    if (!message.empty()) break;
  }
  const auto history = delivery::historyOf(state(), model::nameOf(application));
  if (history.empty()) return;
  if (auto entry = delivery::followRollout(*history.front(), health.health, executor_.wallNow())) {
    transaction.put(*std::move(entry));
  }
}

absl::Status DeliveryLoop::Impl::commit(model::Transaction transaction, const model::Name& name) {
  committing_ = name;
  const absl::Status status = ledger_.commit(std::move(transaction));
  committing_ = {};
  return status;
}

void DeliveryLoop::Impl::tellDecision(const schema::Application& application, Follower& follower,
                                      const delivery::Decision& decision, bool asked) {
  const model::Name name = model::nameOf(application);
  if (follower.replan) queue_.mark(name);
  if (decision.voidRollback) {
    api::RollbackResponse response;
    *response.mutable_revert() = application.status().observed();
    response.set_message(absl::StrCat(decision.message, ": the revert commit is planned anew"));
    answerRollback(name, std::move(response));
  }
  const bool healed = decision.plan && decision.plan->cause() == delivery::kCauseSelfHeal;
  if (decision.apply) {
    tellAbout(application, false, healed ? "Healed" : "Applied",
              absl::StrCat("plan ", decision.plan->name(), " at ",
                           delivery::shortCommit(decision.plan->revision()), ": ",
                           decision.plan->message()));
    if (decision.plan->cause() == delivery::kCauseRollback) {
      api::RollbackResponse response;
      *response.mutable_revert() = decision.plan->revision();
      response.set_message(decision.plan->message());
      answerRollback(name, std::move(response));
    }
  }
  if (!asked || healed) return;
  api::SyncResponse response;
  if (decision.plan) {
    response.set_plan(decision.plan->name());
    response.set_message(decision.plan->message());
    follower.answer = std::move(response);
  } else if (decision.settled) {
    response.set_message("nothing to change");
    follower.answer = std::move(response);
  } else {
    follower.answer = absl::FailedPreconditionError(decision.message);
  }
}

void DeliveryLoop::Impl::tellAbout(const schema::Application& application, bool isWarning,
                                   const std::string& reason, const std::string& message) const {
  if (tell_) tell_(application, isWarning, reason, message);
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
