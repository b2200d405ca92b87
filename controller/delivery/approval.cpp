// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/approval.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/delivery/budget.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/project.h"
#include "controller/delivery/records.h"

namespace gantry::delivery {
namespace {

bool counts(const api::Plan& plan, const api::Approval& approval, base::Timestamp now) {
  return approval.commit() == plan.revision().commit() && approval.digest() == plan.digest() &&
         (!approval.has_expires_at() || base::fromUnixMs(approval.expires_at().unix_ms()) > now);
}

bool hasRole(const api::Approval& approval, const std::string& role) {
  return std::ranges::find(approval.roles(), role) != approval.roles().end();
}

}  // namespace

int approvalsRequired(const schema::Application& application,
                      const std::vector<api::PlannedChange>& changes) {
  const int policy = application.spec().sync_policy().approval().required();
  const bool deletesApplication =
      std::ranges::any_of(changes, [](const api::PlannedChange& change) {
        return change.action() == api::DELETE && change.kind() == "Application";
      });
  const bool needsPerson = deletesApplication || !overBudget(application, changes).empty();
  return std::max(policy, needsPerson ? 1 : 0);
}

std::vector<const api::Approval*> countedApprovals(const api::Plan& plan, base::Timestamp now) {
  std::vector<const api::Approval*> counted;
  std::set<std::string> people;
  for (const api::Approval& approval : plan.approvals()) {
    if (counts(plan, approval, now) && people.insert(approval.by()).second) {
      counted.push_back(&approval);
    }
  }
  return counted;
}

std::string missingApprovals(const api::Plan& plan, base::Timestamp now) {
  const std::vector<const api::Approval*> given = countedApprovals(plan, now);
  std::vector<std::string> roles;
  for (const std::string& role : plan.policy().roles()) {
    const bool there = std::ranges::any_of(
        given, [&](const api::Approval* approval) { return hasRole(*approval, role); });
    if (!there) roles.push_back(role);
  }
  const int required = std::max(plan.approvals_required(), plan.policy().roles().empty() ? 0 : 1);
  if (static_cast<int>(given.size()) >= required && roles.empty()) return {};
  std::string text = absl::StrCat("waits: ", given.size(), " of ", required, " approvals");
  if (!roles.empty()) {
    absl::StrAppend(&text, ", and for one of a member of ", absl::StrJoin(roles, ", one of "));
  }
  return text;
}

std::optional<base::Timestamp> nextExpiry(const api::Plan& plan, base::Timestamp now) {
  std::optional<base::Timestamp> next;
  for (const api::Approval* approval : countedApprovals(plan, now)) {
    if (!approval->has_expires_at()) continue;
    const base::Timestamp at = base::fromUnixMs(approval->expires_at().unix_ms());
    if (!next || at < *next) next = at;
  }
  return next;
}

absl::Status mayDecide(const api::Plan& plan, const std::string& commit,
                       const std::string& digest) {
  if (isEnded(plan)) {
    return absl::FailedPreconditionError(
        absl::StrCat("plan ", plan.name(), " no longer waits (", api::PlanState_Name(plan.state()),
                     ": ", plan.message(), "); look at the newest plan of ", plan.application()));
  }
  if (plan.revision().commit() != commit) {
    return absl::FailedPreconditionError(absl::StrCat("plan ", plan.name(), " is of commit ",
                                                      plan.revision().commit(), ", not ", commit,
                                                      "; look at it again"));
  }
  if (plan.digest() != digest) {
    return absl::FailedPreconditionError(
        absl::StrCat("plan ", plan.name(), " has another digest; look at it again"));
  }
  return absl::OkStatus();
}

absl::Status mayApprove(const api::Plan& plan, const schema::Application& application,
                        const Caller& caller, const std::string& comment, const model::State& state,
                        base::Timestamp now) {
  const bool again = std::ranges::any_of(
      countedApprovals(plan, now),
      [&](const api::Approval* approval) { return approval->by() == caller.identity; });
  if (again) {
    return absl::FailedPreconditionError(
        absl::StrCat(caller.identity, " has approved plan ", plan.name(), " already"));
  }
  if (missingApprovals(plan, now).empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("plan ", plan.name(), " needs no more approvals: ", plan.message()));
  }
  if (!plan.policy().author_may_approve()) {
    if (plan.commits().empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat("who wrote the commits of plan ", plan.name(),
                       " is not known yet; approve it once Git has been read"));
    }
    for (const schema::Revision& commit : plan.commits()) {
      if (!isAuthor(application, caller.identity, commit, state)) continue;
      return absl::PermissionDeniedError(
          absl::StrCat(caller.identity, " wrote commit ", shortCommit(commit),
                       " of this plan; somebody else must approve it (approval.authorMayApprove)"));
    }
  }
  if (plan.policy().comment_required() && comment.empty()) {
    return absl::InvalidArgumentError("an approval needs a comment here");
  }
  return absl::OkStatus();
}

api::Approval makeApproval(const api::Plan& plan, const schema::Application& application,
                           const Caller& caller, const std::string& comment,
                           const model::State& state, base::Timestamp now) {
  api::Approval approval;
  approval.set_by(caller.identity);
  approval.set_comment(comment);
  approval.mutable_at()->set_unix_ms(base::toUnixMs(now));
  approval.set_commit(plan.revision().commit());
  approval.set_digest(plan.digest());
  for (std::string& role : rolesOf(application, caller.identity, state)) {
    approval.add_roles(std::move(role));
  }
  if (const int seconds = plan.policy().expires_after_seconds(); seconds > 0) {
    approval.mutable_expires_at()->set_unix_ms(
        base::toUnixMs(now + base::Duration(std::chrono::seconds(seconds))));
  }
  return approval;
}

}  // namespace gantry::delivery
