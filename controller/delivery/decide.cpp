// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/decide.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/delivery/approval.h"
#include "controller/delivery/digest.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/planner.h"
#include "controller/delivery/records.h"
#include "controller/delivery/rollback.h"
#include "controller/delivery/settings.h"

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

std::optional<Decision> endRollback(const Situation& now) {
  const schema::ApplicationStatus& status = now.application.status();
  const schema::PendingRollback& rollback = status.rollback();
  if (now.observed == nullptr || status.observed().tree_hash() != rollback.target().tree_hash()) {
    return outOfSync(absl::StrCat("the rollback to ", rollback.to(), " that ", rollback.by(),
                                  " asked for is on its way"));
  }
  const absl::StatusOr<api::Plan> preview = planRollback(
      now.application, rollback.target(), rollback.expected_tree_hash(), *now.observed, now.state);
  if (!preview.ok() || preview->digest() != rollback.digest()) return std::nullopt;
  const Changes changes(preview->changes().begin(), preview->changes().end());
  api::Plan plan =
      makePlan(now.application, status.observed(), now.observed->hash, changes, kCauseRollback);
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
  return applyNow(std::move(plan), *now.observed);
}

std::optional<Decision> heal(const Situation& now) {
  const schema::Revision& applied = now.application.status().applied();
  if (!mayHeal(now.application) || now.applied == nullptr || applied.commit().empty()) {
    return std::nullopt;
  }
  if (findHold(now.state, model::nameOf(now.application), applied) != nullptr) return std::nullopt;
  ChangeSet planned = planChanges(now.application, *now.applied, now.state);
  std::erase_if(planned.changes, isDeletion);
  if (planned.changes.empty() || !planned.errors.empty()) return std::nullopt;
  api::Plan plan =
      makePlan(now.application, applied, now.applied->hash, planned.changes, kCauseSelfHeal);
  plan.set_initiator(kController);
  plan.set_reason("what runs differed from Git");
  Decision decision = applyNow(std::move(plan), *now.applied);
  decision.keepOpenPlan = true;
  return decision;
}

/// The newest plan, if a person has rejected it and Git holds nothing newer.
model::Ptr<api::Plan> rejection(const Situation& now) {
  const auto plans = plansOf(now.state, model::nameOf(now.application));
  for (const model::Ptr<api::Plan>& plan : plans) {
    if (plan->cause() == kCauseSelfHeal) continue;
    const bool same = plan->revision().commit() == now.application.status().observed().commit();
    return same && plan->state() == api::REJECTED ? plan : nullptr;
  }
  return nullptr;
}

/// Takes out of `changes` what may not be applied without a person, unless that is all there is.
void leaveDeletionsToPerson(const schema::Application& application, Changes& changes) {
  const auto needsPerson = [&](const api::PlannedChange& change) {
    return isDeletion(change) && (!mayPrune(application) || change.kind() == "Application");
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

std::string waitsFor(const api::Plan& plan) {
  std::string missing = missingApprovals(plan);
  if (!missing.empty()) return missing;
  return "waits for `gantry sync`";
}

Decision planNewest(const Situation& now) {
  const schema::ApplicationStatus& status = now.application.status();
  const ChangeSet planned = planChanges(now.application, *now.observed, now.state);
  if (!planned.errors.empty()) {
    const std::size_t more = planned.errors.size() - 1;
    return problem(more == 0 ? planned.errors.front()
                             : absl::StrCat(planned.errors.front(), " (and ", more, " more)"));
  }
  Decision decision;
  decision.set = now.observed;
  if (planned.changes.empty()) {
    decision.sync = kSynced;
    decision.settled = true;
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

  api::Plan plan =
      makePlan(now.application, status.observed(), now.observed->hash, changes, kCauseSync);
  plan.set_approvals_required(drift ? 0 : approvalsRequired(now.application, changes));
  const bool onlyPrunes = !mayPrune(now.application) && std::ranges::all_of(changes, isDeletion);
  setInitiator(now, open.get(), onlyPrunes, drift, plan);
  if (open != nullptr && open->digest() == plan.digest()) {
    *plan.mutable_approvals() = open->approvals();
  }
  decision.apply = !plan.initiator().empty() && missingApprovals(plan).empty();
  decision.sync = decision.apply ? kSynced : kOutOfSync;
  if (!decision.apply) {
    plan.set_message(waitsFor(plan));
    decision.message = absl::StrCat("a plan of ", changes.size(), " changes at ",
                                    shortCommit(status.observed()), " ", plan.message());
  }
  decision.plan = std::move(plan);
  return decision;
}

}  // namespace

Decision decide(const Situation& now) {
  const schema::ApplicationStatus& status = now.application.status();
  if (status.has_rollback()) {
    if (std::optional<Decision> decision = endRollback(now)) return *std::move(decision);
    Decision decision = outOfSync("what runs has changed since the rollback was confirmed");
    decision.voidRollback = true;
    return decision;
  }
  if (std::optional<Decision> decision = heal(now)) return *std::move(decision);
  if (status.observed().commit().empty()) {
    Decision decision;
    decision.sync = kUnknown;
    decision.message = "Git has not been read yet";
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
  if (const model::Ptr<api::Plan> rejected = rejection(now); rejected != nullptr && !now.wish) {
    return outOfSync(absl::StrCat("revision ", shortCommit(status.observed()), " was rejected by ",
                                  rejected->rejected_by(), ": ", rejected->rejected_reason()));
  }
  return planNewest(now);
}

}  // namespace gantry::delivery
