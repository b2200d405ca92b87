// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/decide.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/delivery/ahead.h"
#include "controller/delivery/gates.h"
#include "controller/delivery/loosening.h"
#include "controller/delivery/newest.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/planner.h"
#include "controller/delivery/project.h"
#include "controller/delivery/quorum.h"
#include "controller/delivery/records.h"
#include "controller/delivery/retry.h"
#include "controller/delivery/rollback.h"
#include "controller/delivery/settings.h"
#include "controller/delivery/suspension.h"
#include "controller/delivery/waves.h"

namespace gantry::delivery {
namespace {

Decision applyNow(api::Plan plan, const manifests::RenderedSet& set) {
  Decision decision;
  decision.sync = kSynced;
  decision.plan = std::move(plan);
  decision.set = &set;
  decision.apply = true;
  return decision;
}

Decision giveUp(const schema::PendingRollback& rollback, const std::string& why) {
  Decision decision =
      outOfSync(absl::StrCat("the rollback to ", rollback.to(), " is given up: ", why));
  decision.voidRollback = true;
  return decision;
}

/// Applies the rollback, if that is still what was confirmed and may be; nothing if it is not.
std::optional<Decision> applyRollback(const Situation& now) {
  const schema::PendingRollback& rollback = now.application.status().rollback();
  // It may have been confirmed long ago: the controller was down, or the store could not be
  // written.
  if (const api::Hold* hold =
          findHold(now.state, model::nameOf(now.application), rollback.target())) {
    return giveUp(rollback, absl::StrCat("it is ", holdMessage(*hold)));
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
  const absl::StatusOr<api::Plan> preview =
      planRollback(now.application, rollback.target(), now.repository,
                   rollback.expected_tree_hash(), *now.rollback, now.state);
  if (!preview.ok()) return giveUp(rollback, std::string(preview.status().message()));
  if (preview->digest() != rollback.digest()) return std::nullopt;
  if (rollback.by() == kController) {
    const std::string why = needsPerson(now.application, *preview);
    if (!why.empty()) return giveUp(rollback, why);
  }
  const std::vector<api::PlannedChange> changes(preview->changes().begin(),
                                                preview->changes().end());
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

/// Puts drift back; nothing if there is none, or nothing may be put back. `refused` is why what was
/// applied is outside the Project by now.
std::optional<Decision> heal(const Situation& now, std::string& refused) {
  const schema::Revision& applied = now.application.status().applied();
  if (!mayHeal(now.application) || now.applied == nullptr ||
      now.applied->hash != applied.rendered_hash() ||
      !mayNotTouch(now.application, now.state, now.now).empty()) {
    return std::nullopt;
  }
  if (findHold(now.state, model::nameOf(now.application), applied) != nullptr) return std::nullopt;
  ChangeSet planned = planRepairs(now.application, *now.applied, now.state);
  std::erase_if(planned.changes, [&](const api::PlannedChange& change) {
    return !isRepair(now.application, *now.applied, {change}) ||
           !loosenedBy(now.application, {change}, *now.applied, now.state).empty();
  });
  if (planned.changes.empty() || !planned.errors.empty()) return std::nullopt;
  const auto outside = outsideProject(now.application, now.repository, *now.applied, now.state);
  if (!outside.empty()) {
    refused = absl::StrCat("what differs from Git is not put back: ", outside.front());
    return std::nullopt;
  }
  api::Plan plan =
      makePlan(now.application, applied, now.applied->hash, planned.changes, kCauseSelfHeal);
  plan.set_initiator(kController);
  plan.set_reason("what runs differed from Git");
  Decision decision = applyNow(std::move(plan), *now.applied);
  decision.keepOpenPlan = true;
  return decision;
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
  if (now.applying != nullptr) {
    const auto outside = outsideProject(now.application, now.repository, *now.applying, now.state);
    if (!outside.empty()) return outside.front();
  }
  return missingApprovals(plan, now.application, now.state, now.now);
}

/// When the wave under way has lasted so long that it may never end; nothing if none is.
std::optional<base::Timestamp> slowAt(const api::Plan& running) {
  // A Deployment has ten minutes by default, a Job may have no deadline: what repairs them would
  // have to wait for that.
  constexpr base::Duration kSlow = std::chrono::minutes(2);
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
Decision goOn(const Situation& now, api::Plan running) {
  Decision decision;
  const bool isNewest = running.revision().commit() == now.application.status().observed().commit();
  if (isNewest && running.commits().empty() && now.commits != nullptr) {
    setCommits(running, *now.commits);
  }
  const std::string stop = whyStop(now, running);
  const std::optional<base::Timestamp> slow = slowAt(running);
  if (!isNewest) {
    const bool goesOn = stop.empty() && (!slow || *slow > now.now);
    decision = goesOn ? decideBeside(now, running) : decideNewest(now);
  }
  if (decision.apply || decision.settled) return decision;
  decision.waves = nextStep(running, now.applying, stop, now.state, now.now);
  decision.wavesSet = now.applying;
  if (decision.waves->plan.state() == api::FAILED && isNewest) {
    planRetry(decision.waves->plan, now.application, now.state, now.now);
  }
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
    std::string refused;
    if (std::optional<Decision> decision = heal(now, refused)) return *std::move(decision);
    if (status.observed().tree_hash() != status.rollback().target().tree_hash()) {
      Decision decision = outOfSync(absl::StrCat("rolled back to ", status.rollback().to(), " by ",
                                                 status.rollback().by(),
                                                 "; the revert commit is on its way to Git"));
      decision.problem = std::move(refused);
      return decision;
    }
    Decision decision;
    decision.sync = kSynced;
    decision.problem = std::move(refused);
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
  std::string refused;
  if (std::optional<Decision> decision = heal(now, refused)) return *std::move(decision);
  Decision decision = decideNewest(now);
  if (decision.problem.empty()) decision.problem = std::move(refused);
  return decision;
}

}  // namespace gantry::delivery
