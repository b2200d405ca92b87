// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/quorum.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "controller/api/people.h"
#include "controller/api/system_names.h"
#include "controller/delivery/budget.h"
#include "controller/delivery/commits.h"
#include "controller/delivery/loosening.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/project.h"
#include "controller/delivery/records.h"

namespace gantry::delivery {
namespace {

bool hasRole(const api::Approval& approval, const std::string& role) {
  return std::ranges::find(approval.roles(), role) != approval.roles().end();
}

int requiredBy(const api::Plan& plan, const schema::Application& application) {
  const schema::ApprovalPolicy& policy = application.spec().sync_policy().approval();
  const int ofRoles = policy.roles().empty() ? 0 : 1;
  const std::vector<api::PlannedChange> changes(plan.changes().begin(), plan.changes().end());
  if (isOpen(plan)) return std::max(ofRoles, approvalsRequired(application, changes));
  // While its waves delete, the inventory shrinks: the budget was judged when it began.
  const bool overBudget =
      std::ranges::find(plan.gates(), "deletion-budget", &api::Gate::kind) != plan.gates().end();
  return std::max({ofRoles, policy.required(), overBudget ? 1 : 0});
}

absl::Status checkAuthor(const api::Plan& plan, const Quorum& quorum, const std::string& identity,
                         const schema::Project* project) {
  if (quorum.policy.author_may_approve()) return absl::OkStatus();
  if (plan.commits().empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "who wrote the commits of plan ", plan.name(),
        " is not known: Git has not been read yet, or it is more than ", kMostCommits, " commits"));
  }
  const std::string written = api::writtenBy(plan, project, identity);
  if (written.empty()) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat(identity, " wrote ", written,
                   " of this plan; somebody else must approve it (approval.authorMayApprove)"));
}

/// Who gave an approval with the role, and has it still. Where nobody has it, an admin of the
/// cluster stands in: somebody has to be able to fill it again.
bool countsForRole(const api::Approval& approval, const Quorum& quorum, const std::string& role,
                   const model::State& state) {
  const schema::Project* project = findProject(quorum.project, state);
  const std::vector<std::string> now = rolesOf(project, approval.by());
  const bool isMember = std::ranges::find(now, role) != now.end();
  if (isMember) return hasRole(approval, absl::StrCat(quorum.rolePrefix, role));
  return approval.as_admin() && !hasMembers(project, role);
}

std::vector<std::string> missingRoles(const Quorum& quorum,
                                      const std::vector<const api::Approval*>& given,
                                      const model::State& state) {
  std::vector<std::string> missing;
  for (const std::string& role : quorum.policy.roles()) {
    const bool there = std::ranges::any_of(given, [&](const api::Approval* approval) {
      return countsForRole(*approval, quorum, role, state);
    });
    if (!there) missing.push_back(role);
  }
  return missing;
}

/// Why the newest approval of each person of whom none counts does not.
std::vector<std::string> voidReasons(const api::Plan& plan, const Quorum& quorum,
                                     const std::vector<const api::Approval*>& given,
                                     const model::State& state, base::Timestamp now) {
  std::set<std::string> people;
  for (const api::Approval* approval : given) people.insert(approval->by());
  std::vector<std::string> reasons;
  for (auto it = plan.approvals().rbegin(); it != plan.approvals().rend(); ++it) {
    if (!people.insert(it->by()).second) continue;
    reasons.push_back(absl::StrCat(it->by(), "'s approval no longer counts: ",
                                   counts(plan, quorum, *it, state, now).message()));
  }
  std::ranges::reverse(reasons);
  for (const std::string& role : quorum.policy.roles()) {
    for (const api::Approval* approval : given) {
      if (!hasRole(*approval, absl::StrCat(quorum.rolePrefix, role))) continue;
      if (countsForRole(*approval, quorum, role, state)) continue;
      reasons.push_back(absl::StrCat(approval->by(), " is no longer a member of ", role));
    }
  }
  return reasons;
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

std::vector<Quorum> quorumsOf(const api::Plan& plan, const schema::Application& application) {
  std::vector<Quorum> quorums;
  const std::string& own = application.spec().project();
  const bool approvedBefore =
      plan.cause() == kCauseSelfHeal || plan.cause() == kCauseRollback || plan.repair();
  if (const int required = requiredBy(plan, application); !approvedBefore && required > 0) {
    quorums.push_back({required, application.spec().sync_policy().approval(), own});
  }
  for (const api::LoosenedPolicy& loosened : plan.loosens()) {
    Quorum& quorum = quorums.emplace_back();
    quorum.policy = loosened.policy();
    quorum.required = std::max(1, quorum.policy.required());
    quorum.project = loosened.project();
    const bool same = quorum.project == (own.empty() ? api::kDefaultProject : own);
    if (!same) quorum.rolePrefix = absl::StrCat(quorum.project, "/");
    quorum.loosens = describeLoosened(loosened);
  }
  return quorums;
}

void describeApprovals(api::Plan& plan, const schema::Application& application,
                       const model::State& state, base::Timestamp now) {
  const std::vector<Quorum> quorums = quorumsOf(plan, application);
  plan.set_approvals_required(0);
  plan.clear_policy();
  std::set<const api::Approval*> counted;
  std::set<std::string> roles;
  for (const Quorum& quorum : quorums) {
    const bool first = !plan.has_policy();
    schema::ApprovalPolicy& all = *plan.mutable_policy();
    plan.set_approvals_required(std::max(plan.approvals_required(), quorum.required));
    all.set_required(plan.approvals_required());
    all.set_author_may_approve(quorum.policy.author_may_approve() &&
                               (first || all.author_may_approve()));
    all.set_comment_required(quorum.policy.comment_required() || all.comment_required());
    const int seconds = quorum.policy.expires_after_seconds();
    if (seconds > 0 && (all.expires_after_seconds() == 0 || seconds < all.expires_after_seconds()))
      all.set_expires_after_seconds(seconds);
    for (const std::string& role : quorum.policy.roles()) {
      std::string full = absl::StrCat(quorum.rolePrefix, role);
      if (roles.insert(full).second) all.add_roles(std::move(full));
    }
    const auto given = countedApprovals(plan, quorum, state, now);
    counted.insert(given.begin(), given.end());
  }
  for (api::Approval& approval : *plan.mutable_approvals()) {
    approval.clear_void_because();
    if (quorums.empty() || counted.contains(&approval)) continue;
    const absl::Status why = counts(plan, quorums.front(), approval, state, now);
    approval.set_void_because(why.ok() ? "approved again later" : std::string(why.message()));
  }
}

absl::Status counts(const api::Plan& plan, const Quorum& quorum, const api::Approval& approval,
                    const model::State& state, base::Timestamp now) {
  if (approval.commit() != plan.revision().commit() || approval.digest() != plan.digest()) {
    return absl::FailedPreconditionError("it is of another commit or digest");
  }
  const schema::Project* project = findProject(quorum.project, state);
  if (project == nullptr && !quorum.project.empty() && quorum.project != api::kDefaultProject) {
    return absl::PermissionDeniedError(absl::StrCat("there is no Project ", quorum.project));
  }
  GANTRY_RETURN_IF_ERROR(authorise(project, {approval.by(), approval.as_admin()}, kMayApprove));
  GANTRY_RETURN_IF_ERROR(checkAuthor(plan, quorum, approval.by(), project));
  if (quorum.policy.comment_required() && approval.comment().empty()) {
    return absl::InvalidArgumentError("an approval needs a comment here");
  }
  if (const auto expiry = expiryOf(approval, quorum); expiry && *expiry <= now) {
    return absl::FailedPreconditionError(
        absl::StrCat("it has run out at ", base::formatRfc3339(*expiry)));
  }
  return absl::OkStatus();
}

std::optional<base::Timestamp> expiryOf(const api::Approval& approval, const Quorum& quorum) {
  std::optional<base::Timestamp> expiry;
  if (approval.has_expires_at()) expiry = base::fromUnixMs(approval.expires_at().unix_ms());
  if (const int seconds = quorum.policy.expires_after_seconds(); seconds > 0) {
    const base::Timestamp byPolicy =
        base::fromUnixMs(approval.at().unix_ms()) + base::Duration(std::chrono::seconds(seconds));
    if (!expiry || byPolicy < *expiry) expiry = byPolicy;
  }
  return expiry;
}

std::vector<const api::Approval*> countedApprovals(const api::Plan& plan, const Quorum& quorum,
                                                   const model::State& state, base::Timestamp now) {
  std::vector<const api::Approval*> counted;
  std::set<std::string> people;
  for (auto it = plan.approvals().rbegin(); it != plan.approvals().rend(); ++it) {
    if (people.contains(it->by()) || !counts(plan, quorum, *it, state, now).ok()) continue;
    people.insert(it->by());
    counted.push_back(&*it);
  }
  std::ranges::reverse(counted);
  return counted;
}

std::string missingApprovals(const api::Plan& plan, const Quorum& quorum, const model::State& state,
                             base::Timestamp now) {
  const auto given = countedApprovals(plan, quorum, state, now);
  const std::vector<std::string> roles = missingRoles(quorum, given, state);
  if (static_cast<int>(given.size()) >= quorum.required && roles.empty()) return {};
  std::string text = absl::StrCat("waits: ", given.size(), " of ", quorum.required, " approvals");
  if (!roles.empty()) {
    absl::StrAppend(&text, ", and for one of a member of ", absl::StrJoin(roles, ", one of "));
  }
  if (!quorum.loosens.empty()) {
    absl::StrAppend(&text, ", since it ", quorum.loosens);
  }
  for (const std::string& reason : voidReasons(plan, quorum, given, state, now)) {
    absl::StrAppend(&text, "; ", reason);
  }
  return text;
}

std::string missingApprovals(const api::Plan& plan, const schema::Application& application,
                             const model::State& state, base::Timestamp now) {
  for (const Quorum& quorum : quorumsOf(plan, application)) {
    std::string missing = missingApprovals(plan, quorum, state, now);
    if (!missing.empty()) return missing;
  }
  return {};
}

std::optional<base::Timestamp> nextExpiry(const api::Plan& plan,
                                          const schema::Application& application,
                                          const model::State& state, base::Timestamp now) {
  std::optional<base::Timestamp> next;
  for (const Quorum& quorum : quorumsOf(plan, application)) {
    for (const api::Approval* approval : countedApprovals(plan, quorum, state, now)) {
      const auto at = expiryOf(*approval, quorum);
      if (at && (!next || *at < *next)) next = at;
    }
  }
  return next;
}

}  // namespace gantry::delivery
