// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/api/answers.h"
#include "controller/delivery/conditions.h"
#include "controller/delivery/health.h"
#include "controller/delivery/history.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/promotion.h"
#include "controller/delivery/records.h"
#include "controller/delivery/suspension.h"
#include "controller/delivery/waves.h"
#include "controller/loops/delivery/apply.h"
#include "controller/loops/delivery/impl.h"

namespace gantry::loops {
namespace {

/// How old the record of the last fetch may be; every fetch in the store would be a write a poll.
constexpr base::Duration kFetchRecordAge(300'000);

const manifests::RenderedSet* usable(
    const std::map<std::string, std::shared_ptr<const manifests::RenderedSet>>& sets,
    const schema::Revision& revision) {
  const auto found = sets.find(revision.tree_hash());
  return found == sets.end() || !found->second->ok() ? nullptr : found->second.get();
}

}  // namespace

bool DeliveryLoop::Impl::step(const model::Name& name,
                              const std::optional<delivery::SyncWish>& wish) {
  const model::Ptr<schema::Application> live = find(name);
  if (live == nullptr) {
    forget(name);
    return true;
  }
  Follower& follower = follow(*live);
  if (!keepHead(*live, follower)) return false;
  schema::Application application = *live;
  model::Transaction transaction(state());
  refreshStatus(application, follower);
  endSuspension(application);
  followPromotion(application, follower);
  loadNeeded(application, follower);
  std::optional<delivery::Decision> decision;
  if (follower.replan || wish || delivery::applyingPlan(state(), name) != nullptr) {
    decision = converge(transaction, application, follower, wish);
  }
  if (!decision || !decision->apply) summarize(transaction, application, follower);
  lookInTime(name);

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
  considerAutomaticRollback(name);
  return true;
}

void DeliveryLoop::Impl::refreshStatus(schema::Application& application, Follower& follower) const {
  schema::ApplicationStatus& status = *application.mutable_status();
  const base::Timestamp now = executor_.wallNow();
  if (follower.observed) {
    const bool headCounts = application.spec().has_promotion() ||
                            dependents_.contains(model::nameOf(application)) ||
                            status.observed().commit() != follower.observed->commit();
    const std::string head = status.observed().head();
    *status.mutable_observed() = *follower.observed;
    if (follower.way && follower.way->commit == follower.observed->commit()) {
      status.mutable_observed()->set_signed_by(follower.way->signedBy);
    }
    // A head that nothing looks at is not worth a write for every commit elsewhere.
    if (!headCounts) status.mutable_observed()->set_head(head);
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

// A transaction of its own: the next may end the entry.
bool DeliveryLoop::Impl::keepHead(const schema::Application& application,
                                  const Follower& follower) {
  const schema::Revision& left = application.status().observed();
  const bool isLeft = follower.observed && follower.observed->tree_hash() != left.tree_hash();
  if (!isLeft || left.head().empty()) return true;
  const model::Name name = model::nameOf(application);
  const auto history = delivery::historyOf(state(), name);
  if (history.empty() || history.front()->revision().tree_hash() != left.tree_hash() ||
      history.front()->revision().head() == left.head()) {
    return true;
  }
  api::HistoryEntry entry = *history.front();
  entry.mutable_revision()->set_head(left.head());
  model::Transaction transaction(state());
  transaction.put(std::move(entry));
  return commit(std::move(transaction), name).ok();
}

void DeliveryLoop::Impl::endSuspension(schema::Application& application) const {
  schema::ApplicationStatus& status = *application.mutable_status();
  if (!status.has_suspension() || delivery::isSuspended(application, executor_.wallNow())) return;
  tellAbout(
      application, false, "Resumed",
      absl::StrCat("the time has run out: ", delivery::suspensionMessage(status.suspension())));
  status.clear_suspension();
}

void DeliveryLoop::Impl::followPromotion(const schema::Application& application,
                                         Follower& follower) {
  if (!application.spec().has_promotion()) {
    follower.promoted.clear();
    follower.promotionWaits.clear();
    follower.promotionChangesAt.reset();
    return;
  }
  const delivery::Promoted promoted = delivery::promoted(application, state(), executor_.wallNow());
  follower.promotionWaits = promoted.waitsFor;
  follower.promotionChangesAt = promoted.changesAt;
  if (promoted.commit.empty() || promoted.commit == follower.promoted) return;
  follower.promoted = promoted.commit;
  beginFetch(model::nameOf(application));
}

void DeliveryLoop::Impl::loadNeeded(const schema::Application& application, Follower& follower) {
  const model::Name name = model::nameOf(application);
  if (delivery::mayHeal(application)) loadTree(name, follower, application.status().applied());
  if (const auto running = delivery::applyingPlan(state(), name)) {
    loadTree(name, follower, running->revision());
  }
  if (application.status().has_rollback()) {
    loadTree(name, follower, application.status().rollback().target());
  }
}

void DeliveryLoop::Impl::loadTree(const model::Name& name, Follower& follower,
                                  const schema::Revision& revision) {
  const bool needed = !revision.commit().empty() && follower.observed &&
                      follower.observed->tree_hash() != revision.tree_hash() &&
                      !follower.sets.contains(revision.tree_hash());
  if (!needed || !follower.loading.insert(revision.tree_hash()).second) return;
  load(name, revision.commit(), revision.tree_hash(), [this, name](absl::StatusOr<Rendered> set) {
    const auto found = followers_.find(name);
    if (!set.ok() || found == followers_.end()) return;
    found->second.replan = true;
    queue_.mark(name);
  });
}

delivery::Situation DeliveryLoop::Impl::situationOf(
    const schema::Application& application, const Follower& follower,
    const std::optional<delivery::SyncWish>& wish) const {
  const schema::ApplicationStatus& status = application.status();
  delivery::Situation situation{application,
                                state(),
                                usable(follower.sets, status.observed()),
                                usable(follower.sets, status.applied()),
                                wish,
                                executor_.wallNow()};
  const bool isUnproven = application.spec().has_promotion() && !status.has_rollback() &&
                          follower.isOnBranch &&
                          status.observed().tree_hash() != status.applied().tree_hash();
  if (isUnproven) situation.observed = nullptr;
  situation.repository = follower.source.repository.url;
  if (status.has_rollback()) situation.rollback = usable(follower.sets, status.rollback().target());
  if (follower.way && follower.way->commit == status.observed().commit() &&
      follower.way->since == commitsSince(application)) {
    situation.commits = &follower.way->commits;
  }
  situation.promotionWaits = follower.promotionWaits;
  if (const auto running = delivery::applyingPlan(state(), model::nameOf(application))) {
    situation.applying = usable(follower.sets, running->revision());
  }
  situation.signatureProblem = signatureProblem(application, follower);
  return situation;
}

delivery::Decision DeliveryLoop::Impl::converge(model::Transaction& transaction,
                                                schema::Application& application,
                                                Follower& follower,
                                                const std::optional<delivery::SyncWish>& wish) {
  follower.replan = false;
  follower.plannedAt = executor_.now();
  schema::ApplicationStatus& status = *application.mutable_status();
  const schema::Application before = application;
  delivery::Decision decision = delivery::decide(situationOf(before, follower, wish));
  if (decision.voidRollback || decision.endRollback) status.clear_rollback();
  follower.decisionChangesAt = decision.lookAgainAt;
  if (decision.endRollback) rememberRevert(transaction, application);
  const bool isEffectOld = executor_.now() - follower.effectAt >= effectAge();
  if (isEffectOld) follower.effectAt = executor_.now();
  carryOut(transaction, state(), decision, wish, application, executor_, isEffectOld);
  const api::Plan* running = nullptr;
  if (decision.waves) {
    running = &decision.waves->plan;
  } else if (decision.apply && decision.plan->state() == api::APPLYING) {
    running = &*decision.plan;
  }
  if (decision.apply || decision.settled || running != nullptr) {
    indexInventory(application, running);
  }
  // There may be more to do: deletions that wait for a person, a newer revision after a repair, the
  // next wave.
  follower.replan = decision.apply || decision.voidRollback || decision.endRollback ||
                    (decision.waves &&
                     (!decision.waves->changes.empty() || delivery::isEnded(decision.waves->plan)));
  follower.sync = decision.sync;
  follower.syncMessage = decision.message;
  follower.applyProblem = decision.problem;
  status.set_sync(follower.sync);
  delivery::setProblem(status, delivery::kApplyProblem, decision.problem, executor_.wallNow());
  return decision;
}

void DeliveryLoop::Impl::rememberRevert(model::Transaction& transaction,
                                        const schema::Application& application) const {
  const auto history = delivery::historyOf(state(), model::nameOf(application));
  const auto entry = std::ranges::find_if(history, [](const model::Ptr<api::HistoryEntry>& each) {
    return each->cause() == delivery::kCauseRollback;
  });
  if (entry == history.end()) return;
  api::HistoryEntry reverted = **entry;
  *reverted.mutable_revert() = application.status().observed();
  transaction.put(std::move(reverted));
}

void DeliveryLoop::Impl::summarize(model::Transaction& transaction,
                                   schema::Application& application, Follower& follower) const {
  schema::ApplicationStatus& status = *application.mutable_status();
  delivery::Health health = delivery::healthOf(application, state(), executor_.wallNow());
  follower.healthChangesAt = health.changesAt;
  // Part of a revision says nothing of how the revision fares.
  const bool partly =
      !status.applied().commit().empty() && status.applied().rendered_hash().empty();
  if (partly && health.health == "Healthy" &&
      delivery::applyingPlan(state(), model::nameOf(application)) != nullptr) {
    health.health = "Progressing";
  }
  status.set_health(health.health);
  // That a rollback is on its way matters more than why Git cannot be asked.
  const std::string rollback = status.has_rollback() ? follower.syncMessage : "";
  for (const std::string& message :
       {rollback, follower.sourceProblem.value_or(""), follower.renderProblem.value_or(""),
        follower.syncMessage, health.message}) {
    status.set_message(message);
    if (!message.empty()) break;
  }
  if (!follower.notRolledBack.empty()) {
    status.set_message(absl::StrJoin({status.message(), follower.notRolledBack}, "; "));
  }
  const auto history = delivery::historyOf(state(), model::nameOf(application));
  if (history.empty() || partly) return;
  const bool wasWatched = std::exchange(follower.isWatched, true);
  if (auto entry = delivery::followRollout(*history.front(), health.health, executor_.wallNow(),
                                           wasWatched)) {
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
    response.set_message(decision.message);
    tellAbout(application, true, "RollbackGivenUp", decision.message);
    answerRollback(name, std::move(response));
  }
  const bool healed = decision.plan && decision.plan->cause() == delivery::kCauseSelfHeal;
  const auto tellPlan = [&](const api::Plan& plan, const char* reason) {
    tellAbout(application, plan.state() == api::FAILED, reason,
              absl::StrCat("plan ", plan.name(), " at ", delivery::shortCommit(plan.revision()),
                           ": ", plan.message()));
  };
  if (decision.apply) {
    const bool begins = decision.plan->state() == api::APPLYING;
    tellPlan(*decision.plan, healed ? "Healed" : begins ? "Applying" : "Applied");
  }
  if (decision.waves && delivery::isEnded(decision.waves->plan)) {
    const api::Plan& plan = decision.waves->plan;
    tellPlan(plan, plan.state() == api::APPLIED  ? "Applied"
                   : plan.state() == api::FAILED ? "SyncFailed"
                                                 : "Superseded");
  }
  if (decision.endRollback) {
    api::RollbackResponse response;
    *response.mutable_revert() = application.status().applied();
    response.set_message(api::kRollbackInGit);
    answerRollback(name, std::move(response));
  }
  if (!asked || healed) return;
  if (!decision.refused.ok()) {
    follower.answer = decision.refused;
    return;
  }
  api::SyncResponse response;
  if (decision.plan) {
    response.set_plan(decision.plan->name());
    response.set_message(decision.plan->message());
    follower.answer = std::move(response);
  } else if (decision.waves) {
    response.set_plan(decision.waves->plan.name());
    response.set_message(decision.waves->plan.message());
    follower.answer = std::move(response);
  } else if (decision.settled) {
    response.set_message(decision.message.empty()
                             ? "nothing to change"
                             : absl::StrCat("nothing to change: ", decision.message));
    follower.answer = std::move(response);
  } else {
    follower.answer = absl::FailedPreconditionError(decision.message);
  }
}

void DeliveryLoop::Impl::tellAbout(const schema::Application& application, bool isWarning,
                                   const std::string& reason, const std::string& message) const {
  if (tell_) tell_(application, isWarning, reason, message);
}

}  // namespace gantry::loops
