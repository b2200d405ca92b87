// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/decide.h"

#include <algorithm>

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
#include "controller/delivery/rollback.h"
#include "controller/delivery/settings.h"
#include "controller/delivery/suspension.h"
#include "controller/delivery/waves.h"

namespace gantry::delivery {
namespace {

constexpr char kSynced[] = "Synced";
constexpr char kOutOfSync[] = "OutOfSync";
constexpr char kUnknown[] = "Unknown";

using Changes = std::vector<api::PlannedChange>;

bool isDeletion(const api::PlannedChange& change) {
  return change.action() == api::DELETE;
}

api::Plan makePlan(const schema::Application& application, const schema::Revision& revision,
                   const std::string& renderedHash, const Changes& changes, std::string cause) {
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

Decision outOfSync(std::string message) {
  Decision decision;
  decision.sync = kOutOfSync;
  decision.message = std::move(message);
  return decision;
}

Decision problem(std::string what) {
  Decision decision = outOfSync(what);
  decision.problem = std::move(what);
  return decision;
}

Decision applyNow(api::Plan plan, const manifests::RenderedSet& set) {
  Decision decision;
  decision.sync = kSynced;
  decision.plan = std::move(plan);
  decision.set = &set;
  decision.apply = true;
  return decision;
}

/// Applies the rollback, if that is still what was confirmed and may be; nothing if it is not.
std::optional<Decision> applyRollback(const Situation& now) {
  const schema::PendingRollback& rollback = now.application.status().rollback();
  // It may have been confirmed long ago: the controller was down, or the store could not be
  // written.
  if (const api::Hold* hold =
          findHold(now.state, model::nameOf(now.application), rollback.target())) {
    Decision decision = outOfSync(absl::StrCat("the rollback to ", rollback.to(),
                                               " is given up: it is ", holdMessage(*hold)));
    decision.voidRollback = true;
    return decision;
  }
  if (isSuspended(now.application, now.now)) {
    Decision decision = outOfSync(suspensionMessage(now.application.status().suspension()));
    decision.lookAgainAt = suspensionEnds(now.application);
    return decision;
  }
  if (now.rollback == nullptr) {
    return outOfSync(absl::StrCat("the rollback to ", rollback.to(), " that ", rollback.by(),
                                  " asked for is on its way"));
  }
  const absl::StatusOr<api::Plan> preview = planRollback(
      now.application, rollback.target(), rollback.expected_tree_hash(), *now.rollback, now.state);
  if (!preview.ok() || preview->digest() != rollback.digest()) return std::nullopt;
  const Changes changes(preview->changes().begin(), preview->changes().end());
  api::Plan plan =
      makePlan(now.application, rollback.target(), now.rollback->hash, changes, kCauseRollback);
  // Who confirmed the preview has confirmed exactly these changes.
  plan.set_initiator(rollback.by());
  plan.set_reason(rollback.reason());
  plan.set_approvals_required(1);
  api::Approval& approval = *plan.add_approvals();
  approval.set_by(rollback.by());
  approval.set_comment(absl::StrCat("confirmed the preview ", rollback.digest()));
  *approval.mutable_at() = rollback.at();
  approval.set_commit(plan.revision().commit());
  approval.set_digest(plan.digest());
  return applyNow(std::move(plan), *now.rollback);
}

std::optional<Decision> heal(const Situation& now) {
  const schema::Revision& applied = now.application.status().applied();
  if (!mayHeal(now.application) || now.applied == nullptr ||
      now.applied->hash != applied.rendered_hash() ||
      !mayNotTouch(now.application, now.state, now.now).empty()) {
    return std::nullopt;
  }
  if (findHold(now.state, model::nameOf(now.application), applied) != nullptr) return std::nullopt;
  ChangeSet planned = planChanges(now.application, *now.applied, now.state);
  std::erase_if(planned.changes, [&](const api::PlannedChange& change) {
    return isDeletion(change) ||
           !loosenedBy(now.application, {change}, *now.applied, now.state).empty();
  });
  if (planned.changes.empty() || !planned.errors.empty()) return std::nullopt;
  api::Plan plan =
      makePlan(now.application, applied, now.applied->hash, planned.changes, kCauseSelfHeal);
  plan.set_initiator(kController);
  plan.set_reason("what runs differed from Git");
  Decision decision = applyNow(std::move(plan), *now.applied);
  decision.keepOpenPlan = true;
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

/// Takes out of `changes` what may not be applied without a person, unless that is all there is.
void leaveDeletionsToPerson(const schema::Application& application, Changes& changes) {
  const bool tooMany = !overBudget(application, changes).empty();
  const auto needsPerson = [&](const api::PlannedChange& change) {
    return isDeletion(change) &&
           (tooMany || !mayPrune(application) || change.kind() == "Application");
  };
  if (!std::ranges::all_of(changes, needsPerson)) std::erase_if(changes, needsPerson);
}

/// Who set the plan off: the person who asks now, the one who asked for the same commit before, or
/// automatic sync.
void setInitiator(const Situation& now, const api::Plan* open, bool onlyPrunes, bool drift,
                  api::Plan& plan) {
  if (now.wish) {
    plan.set_initiator(now.wish->by);
    plan.set_reason(now.wish->reason);
  } else if (open != nullptr && !open->initiator().empty() && open->initiator() != kController) {
    plan.set_initiator(open->initiator());
    plan.set_reason(open->reason());
  } else if (isAutomated(now.application) && !onlyPrunes && !drift) {
    plan.set_initiator(kController);
  }
}

/// Who wants the closed gates passed: the person who asks now, or the one who did before.
void setOverride(const Situation& now, const api::Plan* open, api::Plan& plan) {
  if (open != nullptr && isOverridden(*open, now.application, now.state) &&
      open->digest() == plan.digest()) {
    *plan.mutable_override() = open->override();
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

Decision planNewest(const Situation& now) {
  const schema::ApplicationStatus& status = now.application.status();
  const ChangeSet planned = now.behind == nullptr
                                ? planChanges(now.application, *now.observed, now.state)
                                : planChanges(*now.behind, *now.observed, now.state);
  if (!planned.errors.empty()) return several(planned.errors);
  Decision decision;
  decision.set = now.observed;
  Changes hooks;
  addHooks(fullName(now.application), *now.observed, hooks);
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
  const bool personAsked = now.wish || (open != nullptr && !open->initiator().empty() &&
                                        open->initiator() != kController);

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
  for (api::LoosenedPolicy& loosened :
       loosenedBy(now.application, changes, *now.observed, now.state)) {
    *plan.add_loosens() = std::move(loosened);
  }
  if (now.commits != nullptr) {
    plan.mutable_commits()->Assign(now.commits->begin(), now.commits->end());
  } else if (status.applied().commit() == status.observed().commit()) {
    *plan.add_commits() = status.observed();
  } else if (open != nullptr && open->base().commit() == status.applied().commit()) {
    *plan.mutable_commits() = open->commits();
  }
  setInitiator(now, open.get(), onlyPrunes, drift, plan);
  if (open != nullptr && open->digest() == plan.digest()) {
    *plan.mutable_approvals() = open->approvals();
  }
  describeApprovals(plan, now.application, now.state, now.now);
  if (now.wish && !now.wish->overrideDigest.empty() && now.wish->overrideDigest != plan.digest()) {
    decision.refused = absl::FailedPreconditionError(
        "what would be applied is not what was looked at; look at the newest plan again");
  }
  setOverride(now, open.get(), plan);
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
    decision.message =
        absl::StrCat("a plan of ", count, count == 1 ? " change at " : " changes at ",
                     shortCommit(status.observed()), " ", plan.message());
  }
  decision.plan = std::move(plan);
  return decision;
}

/// What there is to do about what Git holds now.
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
    Decision decision = outOfSync("what Git holds is not known");
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
  if (const model::Ptr<api::Plan> ended = badEnd(now); ended != nullptr && !now.wish) {
    return outOfSync(messageOf(now, *ended));
  }
  const auto outside = outsideProject(now.application, now.repository, *now.observed, now.state);
  if (!outside.empty()) return several(outside);
  const bool newContent = status.observed().tree_hash() != status.applied().tree_hash();
  if (newContent && !now.signatureProblem.empty()) return problem(now.signatureProblem);
  return planNewest(now);
}

/// Why the next wave may not begin, in one sentence; empty if it may. Windows and dependencies are
/// not looked at again: half of a revision is better in neither for long.
std::string whyStop(const Situation& now, const api::Plan& plan) {
  if (const api::Hold* hold =
          findHold(now.state, model::nameOf(now.application), plan.revision())) {
    return absl::StrCat("the revision is ", holdMessage(*hold));
  }
  if (isSuspended(now.application, now.now)) {
    return suspensionMessage(now.application.status().suspension());
  }
  return missingApprovals(plan, now.application, now.state, now.now);
}

/// When the wave under way has lasted so long that it may never end; nothing if none is.
std::optional<base::Timestamp> slowAt(const api::Plan& running) {
  // As long as a Deployment has by default (progressDeadlineSeconds); a Job may have no deadline.
  constexpr base::Duration kSlow = std::chrono::minutes(10);
  const auto wave = std::ranges::find(running.waves(), kWaveProgressing, &api::Wave::state);
  if (wave == running.waves().end()) return std::nullopt;
  return base::fromUnixMs(wave->started_at().unix_ms()) + kSlow;
}

/// What there is to do about what Git holds now, while the waves of an older plan go on.
Decision decideBeside(const Situation& now, const api::Plan& running) {
  Decision decision = decideNewest(now);
  if (!decision.plan || quorumsOf(*decision.plan, now.application).empty()) return decision;
  if (now.applying == nullptr) {
    decision = outOfSync("what is being applied is not known yet");
    decision.keepOpenPlan = true;
    return decision;
  }
  const Ahead ahead = aheadOf(now.application, running, *now.applying, now.state);
  Situation then{ahead.application, now.state, now.observed, now.applied, now.wish, now.now};
  then.repository = now.repository;
  then.commits = now.commits;
  then.signatureProblem = now.signatureProblem;
  then.promotionWaits = now.promotionWaits;
  then.behind = &ahead;
  return decideNewest(then);
}

/// Goes on with the plan that is being applied, beside a newer one that waits.
Decision goOn(const Situation& now, const api::Plan& running) {
  Decision decision;
  const bool isNewest = running.revision().commit() == now.application.status().observed().commit();
  const std::string stop = whyStop(now, running);
  const std::optional<base::Timestamp> slow = slowAt(running);
  if (!isNewest) {
    const bool goesOn = stop.empty() && (!slow || *slow > now.now);
    decision = goesOn ? decideBeside(now, running) : decideNewest(now);
  }
  if (decision.apply || decision.settled) return decision;
  decision.waves = nextStep(running, now.applying, stop, now.state, now.now);
  decision.wavesSet = now.applying;
  const api::Plan& plan = decision.waves->plan;
  decision.sync = plan.state() == api::APPLIED && isNewest ? kSynced : kOutOfSync;
  if (plan.state() != api::APPLIED) {
    decision.message = absl::StrCat("plan ", plan.name(), ": ", plan.message());
  }
  const std::optional<base::Timestamp> turnsSlow =
      !isNewest && slow && *slow > now.now ? slow : std::nullopt;
  for (const auto& at : {suspensionEnds(now.application), turnsSlow,
                         nextExpiry(plan, now.application, now.state, now.now)}) {
    if (at && (!decision.lookAgainAt || *at < *decision.lookAgainAt)) decision.lookAgainAt = at;
  }
  return decision;
}

}  // namespace

Decision decide(const Situation& now) {
  const schema::ApplicationStatus& status = now.application.status();
  if (status.has_rollback() && status.rollback().applied()) {
    if (std::optional<Decision> decision = heal(now)) return *std::move(decision);
    if (status.observed().tree_hash() != status.rollback().target().tree_hash()) {
      return outOfSync(absl::StrCat("rolled back to ", status.rollback().to(), " by ",
                                    status.rollback().by(),
                                    "; the revert commit is on its way to Git"));
    }
    Decision decision;
    decision.sync = kSynced;
    // The same tree may have become something else, by other variables; then that is planned.
    decision.settled =
        now.observed != nullptr && now.observed->hash == status.applied().rendered_hash();
    decision.set = now.observed;
    decision.endRollback = now.observed != nullptr;
    return decision;
  }
  if (status.has_rollback()) {
    if (std::optional<Decision> decision = applyRollback(now)) return *std::move(decision);
    Decision decision = outOfSync(
        "what runs has changed since the rollback was confirmed: the revert commit is planned "
        "anew");
    decision.voidRollback = true;
    return decision;
  }
  if (const auto running = applyingPlan(now.state, model::nameOf(now.application))) {
    return goOn(now, *running);
  }
  if (std::optional<Decision> decision = heal(now)) return *std::move(decision);
  return decideNewest(now);
}

}  // namespace gantry::delivery
