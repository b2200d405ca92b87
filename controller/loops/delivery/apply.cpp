// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/delivery/apply.h"

#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "controller/delivery/audit_trail.h"
#include "controller/delivery/commits.h"
#include "controller/delivery/effect.h"
#include "controller/delivery/history.h"
#include "controller/delivery/ignored.h"
#include "controller/delivery/merge.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/planner.h"
#include "controller/delivery/records.h"
#include "controller/delivery/review.h"
#include "controller/delivery/settings.h"
#include "controller/delivery/waves.h"

namespace gantry::loops {
namespace {

using google::protobuf::Message;
using manifests::ObjectKey;

/// How long a hook's Job can be looked at after its end, where it does not say.
constexpr int kHookStaysSeconds = 24 * 3600;

ObjectKey keyOf(const api::PlannedChange& change) {
  return {change.kind(), change.namespace_(), change.name()};
}

/// What a generation counts: everything but metadata and status.
std::string specBytes(const Message& object) {
  std::unique_ptr<Message> copy(object.New());
  copy->CopyFrom(object);
  manifests::dropSystemFields(*copy);
  manifests::mutableMetadataOf(*copy)->Clear();
  return manifests::canonicalBytes(*copy);
}

class Applier {
 public:
  Applier(model::Transaction& transaction, const model::State& state,
          const std::optional<delivery::SyncWish>& wish, schema::Application& application,
          base::Executor& executor, bool refreshEffect)
      : transaction_(transaction),
        state_(state),
        wish_(wish),
        application_(application),
        name_(model::nameOf(application)),
        executor_(executor),
        now_(executor.wallNow()),
        refreshEffect_(refreshEffect) {}

  void run(delivery::Decision& decision) {
    if (decision.waves) {
      goOn(*decision.waves, decision.wavesSet);
    } else if (decision.apply || decision.settled) {
      takeOver(decision);
    }
    const model::Ptr<api::Plan> open = delivery::openPlan(state_, name_);
    if (!decision.plan) {
      if (open != nullptr && !decision.keepOpenPlan) supersede(*open, decision.message);
      if (decision.settled) settle(*decision.set);
      return;
    }
    api::Plan& plan = *decision.plan;
    const bool same = open != nullptr && open->digest() == plan.digest() &&
                      open->revision().commit() == plan.revision().commit();
    if (same) {
      resume(*open, plan, *decision.set);
    } else {
      if (plan.cause() == delivery::kCauseSync) delivery::rememberApproved(plan, state_);
      if (open != nullptr && !decision.keepOpenPlan) {
        supersede(*open, absl::StrCat("what it would change has moved on: see the newest plan of ",
                                      name_.name));
      }
      begin(plan, *decision.set);
    }
    // Putting drift back comes first, and is nobody's order.
    if (wish_ && decision.refused.ok() && plan.cause() == delivery::kCauseSync) {
      trail().append(delivery::aboutPlan(delivery::kAuditSync, wish_->by, plan, wish_->reason));
    }
    if (decision.apply && delivery::hasWaves(plan)) {
      beginWaves(plan, *decision.set);
    } else if (decision.apply) {
      apply(plan, *decision.set);
    } else {
      application_.mutable_status()->set_pending_plan(plan.name());
      if (!same || changed(*open, plan)) transaction_.put(plan);
    }
  }

 private:
  static bool changed(const api::Plan& before, const api::Plan& after) {
    return manifests::canonicalBytes(before) != manifests::canonicalBytes(after);
  }

  /// Goes on with a plan that waits: what was recorded stays; what is to be waited for, and what it
  /// would do to pods, may differ.
  void resume(const api::Plan& open, api::Plan& plan, const manifests::RenderedSet& set) const {
    api::Plan resumed = open;
    // A repair may be the same as what waits: then it is one.
    resumed.set_cause(plan.cause());
    resumed.set_initiator(plan.initiator());
    resumed.set_reason(plan.reason());
    resumed.set_repair(plan.repair());
    resumed.set_approvals_required(plan.approvals_required());
    resumed.clear_policy();
    if (plan.has_policy()) *resumed.mutable_policy() = plan.policy();
    *resumed.mutable_approvals() = plan.approvals();
    *resumed.mutable_loosens() = plan.loosens();
    *resumed.mutable_gates() = plan.gates();
    delivery::copyCommits(resumed, plan);
    resumed.clear_override();
    if (plan.has_override()) *resumed.mutable_override() = plan.override();
    if (!plan.message().empty()) resumed.set_message(plan.message());
    if (refreshEffect_) *resumed.mutable_effect() = effectOf(plan, set);
    delivery::followApprovals(resumed);
    plan = std::move(resumed);
  }

  void begin(api::Plan& plan, const manifests::RenderedSet& set) {
    plan.set_name(delivery::nextPlanName(state_, name_));
    plan.set_state(api::PENDING);
    plan.mutable_created_at()->set_unix_ms(base::toUnixMs(now_));
    *plan.mutable_effect() = effectOf(plan, set);
  }

  api::PlanEffect effectOf(const api::Plan& plan, const manifests::RenderedSet& set) const {
    return delivery::effectOf({plan.changes().begin(), plan.changes().end()}, set, state_);
  }

  void supersede(const api::Plan& open, const std::string& why) {
    api::Plan plan = open;
    delivery::advance(plan, api::SUPERSEDED, why, now_);
    transaction_.put(std::move(plan));
    application_.mutable_status()->clear_pending_plan();
  }

  void settle(const manifests::RenderedSet& set) {
    schema::ApplicationStatus& status = *application_.mutable_status();
    *status.mutable_applied() = status.observed();
    status.mutable_applied()->set_rendered_hash(set.hash);
    setInventory(set, {});
  }

  void apply(api::Plan& plan, const manifests::RenderedSet& set) {
    std::map<ObjectKey, const manifests::Resource*> wanted;
    for (const manifests::Resource& resource : set.resources) wanted[resource.key()] = &resource;
    for (const api::PlannedChange& change : plan.changes()) {
      if (change.action() == api::DELETE) {
        delivery::eraseObject(transaction_, state_, keyOf(change), change.reason(), now_);
      } else {
        put(wanted.at(keyOf(change))->message());
      }
    }
    setInventory(set, {plan.changes().begin(), plan.changes().end()});
    delivery::advance(plan, api::APPLIED, absl::StrCat(plan.changes_size(), " changes applied"),
                      now_);
    schema::ApplicationStatus& status = *application_.mutable_status();
    *status.mutable_applied() = plan.revision();
    if (plan.cause() == delivery::kCauseRollback) status.mutable_rollback()->set_applied(true);
    if (status.pending_plan() == plan.name() || plan.cause() != delivery::kCauseSelfHeal) {
      status.clear_pending_plan();
    }
    status.set_health("Progressing");
    writeHistory(plan);
    record(plan);
    transaction_.put(plan);
  }

  void beginWaves(api::Plan& plan, const manifests::RenderedSet& set) {
    const std::vector<api::Wave> waves = delivery::wavesOf(plan);
    plan.mutable_waves()->Assign(waves.begin(), waves.end());
    delivery::advance(plan, api::APPLYING, absl::StrCat("is applied in ", waves.size(), " waves"),
                      now_);
    record(plan);
    application_.mutable_status()->clear_pending_plan();
    delivery::WaveStep step = delivery::nextStep(plan, &set, "", state_, now_);
    goOn(step, &set);
    plan = std::move(step.plan);
  }

  void goOn(const delivery::WaveStep& step, const manifests::RenderedSet* set) {
    const api::Plan& plan = step.plan;
    const model::Ptr<api::Plan> before = state_.plans.share(model::nameOf(plan));
    const bool hadChanged = before != nullptr && delivery::hasChanged(*before);
    if (!step.changes.empty()) putStep(step, *set);
    schema::ApplicationStatus& status = *application_.mutable_status();
    if (delivery::hasChanged(plan) || plan.state() == api::APPLIED) {
      *status.mutable_applied() = plan.revision();
      // Until all of it is in, it has the content of no revision.
      if (plan.state() != api::APPLIED) status.mutable_applied()->clear_rendered_hash();
      if (delivery::hasChanged(plan) && !hadChanged) writeHistory(plan);
    }
    if (plan.state() == api::FAILED && hadChanged) {
      const api::HistoryEntry* entry = state_.history.find(model::nameOf(plan));
      if (entry != nullptr) transaction_.put(delivery::failRollout(*entry, now_));
    }
    if (plan.state() == api::SUPERSEDED) stopHooks(plan);
    if (before == nullptr || changed(*before, plan)) transaction_.put(plan);
  }

  void putStep(const delivery::WaveStep& step, const manifests::RenderedSet& set) {
    std::map<ObjectKey, const manifests::Resource*> wanted;
    for (const manifests::Resource& resource : set.resources) wanted[resource.key()] = &resource;
    for (const api::PlannedChange& change : step.changes) {
      if (!change.hook().empty()) {
        putHook(step.plan, change, wanted.at(keyOf(change))->message());
      } else if (change.action() == api::DELETE) {
        delivery::eraseObject(transaction_, state_, keyOf(change), change.reason(), now_);
      } else {
        put(wanted.at(keyOf(change))->message());
      }
    }
    std::set<ObjectKey> later;
    for (const api::PlannedChange& change : step.plan.changes()) {
      const bool isPut = change.action() != api::DELETE && change.hook().empty();
      if (isPut && !delivery::hasBegun(step.plan, change)) later.insert(keyOf(change));
    }
    setInventory(set, step.changes, later);
  }

  void putHook(const api::Plan& plan, const api::PlannedChange& hook, const Message& desired) {
    schema::Job job = dynamic_cast<const schema::Job&>(desired);
    job.mutable_metadata()->set_name(delivery::hookJobName(plan, hook));
    if (!job.spec().has_ttl_seconds_after_finished()) {
      job.mutable_spec()->set_ttl_seconds_after_finished(kHookStaysSeconds);
    }
    put(job);
  }

  void stopHooks(const api::Plan& plan) {
    for (const model::Name& job : delivery::runningHooks(plan, state_)) {
      delivery::eraseObject(transaction_, state_, {"Job", job.ns, job.name},
                            absl::StrCat("plan ", plan.name(), " is superseded"), now_);
    }
  }

  /// Another plan takes the place of the one that is being applied in waves.
  void takeOver(const delivery::Decision& decision) {
    const model::Ptr<api::Plan> running = delivery::applyingPlan(state_, name_);
    if (running == nullptr) return;
    api::Plan plan = *running;
    delivery::advance(plan, api::SUPERSEDED,
                      decision.plan ? absl::StrCat("overtaken: ", shortCommitOf(*decision.plan),
                                                   " took its place; ", running->message())
                                    : "Git no longer holds it",
                      now_);
    stopHooks(plan);
    transaction_.put(std::move(plan));
  }

  static std::string shortCommitOf(const api::Plan& plan) {
    return delivery::shortCommit(plan.revision());
  }

  /// What people have had a say in.
  void record(const api::Plan& plan) {
    if (plan.has_override()) {
      trail().append(delivery::aboutPlan(delivery::kAuditOverride, plan.override().by(), plan,
                                         plan.override().reason()));
    }
    if (plan.has_override() || !plan.approvals().empty()) {
      trail().append(
          delivery::aboutPlan(delivery::kAuditApply, delivery::kController, plan, plan.message()));
    }
  }

  /// Most decisions have nothing to record.
  delivery::AuditTrail& trail() {
    if (!trail_) trail_.emplace(transaction_, state_, name_, now_);
    return *trail_;
  }

  void put(const Message& desired) {
    const std::shared_ptr<const Message> live =
        delivery::findObject(state_, manifests::keyOf(desired));
    const std::unique_ptr<Message> object =
        delivery::merge(desired, delivery::fullName(application_), live.get());
    if (live != nullptr) delivery::keepIgnored(application_, *live, *object);
    schema::ObjectMeta& metadata = *manifests::mutableMetadataOf(*object);
    if (live == nullptr) {
      metadata.set_uid(base::newUid(executor_));
      metadata.set_generation(1);
      metadata.mutable_creation_timestamp()->set_unix_ms(base::toUnixMs(now_));
    } else if (specBytes(*live) != specBytes(*object)) {
      metadata.set_generation(metadata.generation() + 1);
    }
    delivery::putObject(transaction_, *object);
  }

  void setInventory(const manifests::RenderedSet& set,
                    const std::vector<api::PlannedChange>& changes,
                    const std::set<ObjectKey>& later = {}) {
    const auto inventory = delivery::inventoryAfter(application_, set, changes, state_, later);
    application_.mutable_status()->mutable_inventory()->Assign(inventory.begin(), inventory.end());
  }

  /// What puts drift back begins nothing new: what runs is still of the line that it was of. The
  /// plan and an Event say that it was done.
  void writeHistory(const api::Plan& plan) {
    trimPlans();
    if (plan.cause() == delivery::kCauseSelfHeal) return;
    const auto history = delivery::historyOf(state_, name_);
    for (const model::Ptr<api::HistoryEntry>& entry : history) {
      if (auto ended = delivery::supersede(*entry, now_)) transaction_.put(*std::move(ended));
    }
    transaction_.put(delivery::beginHistory(plan, now_));
    for (std::size_t i = delivery::kKeptRecords; i < history.size(); ++i) {
      transaction_.erase<api::HistoryEntry>(model::nameOf(*history[i]));
    }
  }

  void trimPlans() {
    std::size_t repairs = 0, others = 0;
    for (const model::Ptr<api::Plan>& plan : delivery::plansOf(state_, name_)) {
      const bool isRepair = plan->cause() == delivery::kCauseSelfHeal;
      const bool isKept =
          isRepair ? repairs++ < delivery::kKeptRepairs : others++ < delivery::kKeptRecords;
      if (!isKept && delivery::isEnded(*plan)) transaction_.erase<api::Plan>(model::nameOf(*plan));
    }
  }

  model::Transaction& transaction_;
  const model::State& state_;
  const std::optional<delivery::SyncWish>& wish_;
  schema::Application& application_;
  const model::Name name_;
  base::Executor& executor_;
  const base::Timestamp now_;
  const bool refreshEffect_;
  std::optional<delivery::AuditTrail> trail_;
};

}  // namespace

void carryOut(model::Transaction& transaction, const model::State& state,
              delivery::Decision& decision, const std::optional<delivery::SyncWish>& wish,
              schema::Application& application, base::Executor& executor, bool refreshEffect) {
  Applier(transaction, state, wish, application, executor, refreshEffect).run(decision);
}

}  // namespace gantry::loops
