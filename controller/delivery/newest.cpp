// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/newest.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "controller/delivery/budget.h"
#include "controller/delivery/digest.h"
#include "controller/delivery/gates.h"
#include "controller/delivery/loosening.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/planner.h"
#include "controller/delivery/project.h"
#include "controller/delivery/quorum.h"
#include "controller/delivery/records.h"
#include "controller/delivery/retry.h"
#include "controller/delivery/settings.h"
#include "controller/delivery/waves.h"

namespace gantry::delivery {
namespace {

using Changes = std::vector<api::PlannedChange>;

bool isDeletion(const api::PlannedChange& change) {
  return change.action() == api::DELETE;
}

Decision problem(std::string what) {
  Decision decision = outOfSync(what);
  decision.problem = std::move(what);
  return decision;
}

/// What Git holds now is applied, all of it.
bool isSettled(const schema::ApplicationStatus& status) {
  return status.applied().commit() == status.observed().commit() &&
         !status.applied().rendered_hash().empty();
}

/// The newest plan, if that is of what Git holds now and was rejected, or has failed.
model::Ptr<api::Plan> badEnd(const Situation& now) {
  const auto plans = plansOf(now.state, model::nameOf(now.application));
  for (const model::Ptr<api::Plan>& plan : plans) {
    if (plan->cause() == kCauseSelfHeal) continue;
    const bool same = plan->revision().commit() == now.application.status().observed().commit();
    const bool failed = plan->state() == api::FAILED && !isSettled(now.application.status());
    return same && (failed || plan->state() == api::REJECTED) ? plan : nullptr;
  }
  return nullptr;
}

std::string messageOf(const Situation& now, const api::Plan& ended) {
  const std::string revision =
      absl::StrCat("revision ", shortCommit(now.application.status().observed()));
  return ended.state() == api::FAILED
             ? absl::StrCat(revision, ": ", ended.message())
             : absl::StrCat(revision, " was rejected by ", ended.rejected_by(), ": ",
                            ended.rejected_reason());
}

Decision waitForRetry(const Situation& now, const api::Plan& ended, const Retry& retry) {
  std::string message = messageOf(now, ended);
  if (!retry.waitsFor.empty()) {
    absl::StrAppend(&message, "; first what is in has to be healthy: ", retry.waitsFor);
  }
  Decision decision = outOfSync(std::move(message));
  decision.lookAgainAt = retry.at;
  return decision;
}

/// Takes out of `changes` what may not be applied without a person, unless that is all there is.
void leaveDeletionsToPerson(const schema::Application& application, Changes& changes) {
  const bool asksAnyway = !overBudget(application, changes).empty() || !mayPrune(application);
  // A Namespace would take the Applications in it along.
  std::set<std::string> held;
  for (const api::PlannedChange& change : changes) {
    if (isDeletion(change) && change.kind() == "Application") held.insert(change.namespace_());
  }
  const auto needsPerson = [&](const api::PlannedChange& change) {
    return isDeletion(change) && (asksAnyway || change.kind() == "Application" ||
                                  (change.kind() == "Namespace" && held.contains(change.name())));
  };
  if (!std::ranges::all_of(changes, needsPerson)) std::erase_if(changes, needsPerson);
}

/// Who set the plan off: the person who asks now, the one who asked for the same commit before, or
/// automatic sync.
void setInitiator(const Situation& now, const api::Plan* before, bool onlyPrunes, bool drift,
                  api::Plan& plan) {
  if (now.wish) {
    plan.set_initiator(now.wish->by);
    plan.set_reason(now.wish->reason);
  } else if (before != nullptr && !before->initiator().empty() &&
             before->initiator() != kController) {
    plan.set_initiator(before->initiator());
    plan.set_reason(before->reason());
  } else if (isAutomated(now.application) && !onlyPrunes && !drift) {
    plan.set_initiator(kController);
  }
}

/// Who wants the closed gates passed: the person who asks now, or the one who did before.
void setOverride(const Situation& now, const api::Plan* before, api::Plan& plan) {
  if (before != nullptr && isOverridden(*before, now.application, now.state) &&
      before->digest() == plan.digest()) {
    *plan.mutable_override() = before->override();
  }
  if (!now.wish || now.wish->overrideDigest != plan.digest()) return;
  api::Override& order = *plan.mutable_override();
  order.Clear();
  order.set_by(now.wish->by);
  order.set_as_admin(now.wish->isAdmin);
  order.set_reason(now.wish->reason);
  order.mutable_at()->set_unix_ms(base::toUnixMs(now.now));
  for (const api::Gate& gate : gatesOf(plan, now.application, now.state, now.now).gates) {
    if (gate.may_be_overridden()) order.add_gates(gate.message());
  }
  // An order to pass gates that are open says nothing.
  if (order.gates().empty()) return plan.clear_override();
  order.set_digest(plan.digest());
}

Decision several(const std::vector<std::string>& errors) {
  const std::size_t more = errors.size() - 1;
  return problem(more == 0 ? errors.front()
                           : absl::StrCat(errors.front(), " (and ", more, " more)"));
}

/// With `retried`, a plan of the same revision that has failed, that is tried again.
Decision planNewest(const Situation& now, const api::Plan* retried) {
  const schema::ApplicationStatus& status = now.application.status();
  const ChangeSet planned = now.behind == nullptr
                                ? planChanges(now.application, *now.observed, now.state)
                                : planChanges(*now.behind, *now.observed, now.state);
  if (!planned.errors.empty()) return several(planned.errors);
  Decision decision;
  decision.set = now.observed;
  Changes hooks;
  addHooks(fullName(now.application), *now.observed, hooks);
  // What cleans up has nothing to clean up where nothing else is left.
  std::erase_if(hooks, [](const auto& hook) { return hook.hook() == kSyncFail; });
  // Of what was begun and not ended the hooks are still to be run.
  const bool begun = !status.applied().commit().empty() && status.applied().rendered_hash().empty();
  if (planned.changes.empty() && (!begun || hooks.empty())) {
    decision.sync = kSynced;
    decision.settled = now.behind == nullptr;
    decision.message = now.promotionWaits;
    return decision;
  }
  model::Ptr<api::Plan> open = openPlan(now.state, model::nameOf(now.application));
  if (open != nullptr && open->revision().commit() != status.observed().commit()) open = nullptr;
  // What was said of it before still counts.
  const api::Plan* before = open != nullptr ? open.get() : retried;
  const bool personAsked = now.wish || (before != nullptr && !before->initiator().empty() &&
                                        before->initiator() != kController);

  Changes changes = planned.changes;
  if (isAutomated(now.application) && !personAsked)
    leaveDeletionsToPerson(now.application, changes);
  const bool deletes = std::ranges::any_of(changes, isDeletion);
  // The applied content again: it had its approvals when it was applied.
  const bool sameContent = status.applied().rendered_hash() == now.observed->hash;
  const bool drift = sameContent && !deletes;
  const bool onlyPrunes =
      !mayPrune(now.application) && !changes.empty() && std::ranges::all_of(changes, isDeletion);
  const std::size_t count = changes.size();
  if (!sameContent) addHooks(fullName(now.application), *now.observed, changes);

  api::Plan plan =
      makePlan(now.application, status.observed(), now.observed->hash, changes, kCauseSync);
  plan.set_repair(isRepair(now.application, *now.observed, changes));
  for (api::LoosenedPolicy& loosened :
       loosenedBy(now.application, changes, *now.observed, now.state)) {
    *plan.add_loosens() = std::move(loosened);
  }
  if (retried != nullptr) {
    copyCommits(plan, *retried);
  } else if (now.commits != nullptr) {
    setCommits(plan, *now.commits);
  } else if (status.applied().commit() == status.observed().commit()) {
    *plan.add_commits() = status.observed();
  } else if (open != nullptr && open->base().commit() == status.applied().commit()) {
    copyCommits(plan, *open);
  }
  setInitiator(now, before, onlyPrunes, drift, plan);
  if (before != nullptr && before->digest() == plan.digest()) {
    *plan.mutable_approvals() = before->approvals();
  }
  if (before != nullptr) plan.set_attempt(before->attempt() + (before == retried ? 1 : 0));
  describeApprovals(plan, now.application, now.state, now.now);
  if (now.wish && !now.wish->overrideDigest.empty() && now.wish->overrideDigest != plan.digest()) {
    decision.refused = absl::FailedPreconditionError(
        "what would be applied is not what was looked at; look at the newest plan again");
  }
  setOverride(now, before, plan);
  Gates gates = gatesOf(plan, now.application, now.state, now.now);
  if (now.behind != nullptr) {
    api::Gate& gate = gates.gates.emplace_back();
    gate.set_kind("order");
    gate.set_message(
        absl::StrCat("waits until plan ", now.behind->plan, ", which is being applied, is in"));
  }
  plan.mutable_gates()->Assign(gates.gates.begin(), gates.gates.end());
  decision.lookAgainAt = gates.changesAt;
  decision.apply = gates.open() && decision.refused.ok();
  decision.sync = decision.apply && !hasWaves(plan) ? kSynced : kOutOfSync;
  if (decision.apply) {
    decision.message = hasWaves(plan) ? "its waves begin" : "";
  } else {
    plan.set_message(gates.waitsFor());
    if (now.commits != nullptr && !now.commits->takenAway.empty()) {
      plan.set_message(absl::StrCat(plan.message(), plan.message().empty() ? "it " : "; it ",
                                    now.commits->takenAway));
    }
    decision.message =
        absl::StrCat("a plan of ", count, count == 1 ? " change at " : " changes at ",
                     shortCommit(status.observed()), " ", plan.message());
  }
  decision.plan = std::move(plan);
  return decision;
}

}  // namespace

Decision outOfSync(std::string message) {
  Decision decision;
  decision.sync = kOutOfSync;
  decision.message = std::move(message);
  return decision;
}

api::Plan makePlan(const schema::Application& application, const schema::Revision& revision,
                   const std::string& renderedHash, const std::vector<api::PlannedChange>& changes,
                   std::string cause) {
  api::Plan plan;
  plan.set_namespace_(application.metadata().namespace_());
  plan.set_application(application.metadata().name());
  *plan.mutable_revision() = revision;
  plan.mutable_revision()->set_rendered_hash(renderedHash);
  *plan.mutable_base() = application.status().applied();
  plan.mutable_changes()->Assign(changes.begin(), changes.end());
  plan.set_cause(std::move(cause));
  plan.set_digest(planDigest(plan));
  return plan;
}

Decision decideNewest(const Situation& now) {
  const schema::ApplicationStatus& status = now.application.status();
  if (status.observed().commit().empty()) {
    Decision decision;
    decision.sync = kUnknown;
    decision.message =
        now.promotionWaits.empty() ? "Git has not been read yet" : now.promotionWaits;
    decision.keepOpenPlan = true;
    return decision;
  }
  if (const api::Hold* hold =
          findHold(now.state, model::nameOf(now.application), status.observed())) {
    return outOfSync(
        absl::StrCat("revision ", shortCommit(status.observed()), " is ", holdMessage(*hold)));
  }
  if (now.observed == nullptr) {
    Decision decision =
        outOfSync(now.promotionWaits.empty() ? "what Git holds is not known" : now.promotionWaits);
    if (status.observed().commit() == status.applied().commit()) decision.sync = kUnknown;
    const model::Ptr<api::Plan> open = openPlan(now.state, model::nameOf(now.application));
    decision.keepOpenPlan =
        open != nullptr && open->revision().commit() == status.observed().commit();
    return decision;
  }
  if (now.observed->resources.empty()) {
    return problem(absl::StrCat("the folder holds no manifests at ", shortCommit(status.observed()),
                                ": nothing is deleted"));
  }
  const model::Ptr<api::Plan> ended = now.wish ? nullptr : badEnd(now);
  if (ended != nullptr) {
    const Retry retry = retryOf(*ended, now.application, now.state, now.now);
    if (!retry.isDue) return waitForRetry(now, *ended, retry);
  }
  const auto outside = outsideProject(now.application, now.repository, *now.observed, now.state);
  if (!outside.empty()) return several(outside);
  const bool newContent = status.observed().tree_hash() != status.applied().tree_hash();
  if (newContent && !now.signatureProblem.empty()) return problem(now.signatureProblem);
  return planNewest(now, ended.get());
}

}  // namespace gantry::delivery
