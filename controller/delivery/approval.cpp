// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/approval.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/project.h"
#include "controller/delivery/quorum.h"

namespace gantry::delivery {

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

absl::Status authoriseDecision(const api::Plan& plan, const schema::Application& application,
                               const Caller& caller, const model::State& state) {
  const absl::Status own = authorise(application, caller, kMayApprove, state);
  const bool inAnother =
      std::ranges::any_of(plan.loosens(), [&](const api::LoosenedPolicy& loosened) {
        return authorise(findProject(loosened.project(), state), caller, kMayApprove).ok();
      });
  return inAnother ? absl::OkStatus() : own;
}

absl::Status mayApprove(const api::Plan& plan, const schema::Application& application,
                        const Caller& caller, const std::string& comment, const model::State& state,
                        base::Timestamp now) {
  const api::Approval approval = makeApproval(plan, application, caller, comment, state, now);
  absl::Status refused;
  bool missing = false;
  for (const Quorum& quorum : quorumsOf(plan, application)) {
    const auto given = countedApprovals(plan, quorum, state, now);
    // With a role more, it may be given once more.
    const bool again = std::ranges::any_of(given, [&](const api::Approval* before) {
      return before->by() == caller.identity &&
             std::ranges::all_of(approval.roles(), [&](const std::string& role) {
               return std::ranges::find(before->roles(), role) != before->roles().end();
             });
    });
    absl::Status status;
    if (again) {
      status = absl::FailedPreconditionError(
          absl::StrCat(caller.identity, " has approved plan ", plan.name(), " already"));
    } else if (missingApprovals(plan, quorum, state, now).empty()) {
      continue;
    } else {
      status = counts(plan, quorum, approval, state, now);
      if (status.ok()) return status;
    }
    missing = true;
    refused.Update(status);
  }
  if (missing) return refused;
  return absl::FailedPreconditionError(
      absl::StrCat("plan ", plan.name(), " needs no more approvals: ", plan.message()));
}

api::Approval makeApproval(const api::Plan& plan, const schema::Application& application,
                           const Caller& caller, const std::string& comment,
                           const model::State& state, base::Timestamp now) {
  api::Approval approval;
  approval.set_by(caller.identity);
  approval.set_as_admin(caller.isAdmin);
  approval.set_comment(comment);
  approval.mutable_at()->set_unix_ms(base::toUnixMs(now));
  approval.set_commit(plan.revision().commit());
  approval.set_digest(plan.digest());
  std::set<std::string> roles;
  const auto addRoles = [&](const std::string& project, const std::string& prefix) {
    for (const std::string& role : rolesOf(findProject(project, state), caller.identity)) {
      std::string full = absl::StrCat(prefix, role);
      if (roles.insert(full).second) approval.add_roles(std::move(full));
    }
  };
  addRoles(application.spec().project(), "");
  std::optional<base::Timestamp> expiry;
  for (const Quorum& quorum : quorumsOf(plan, application)) {
    addRoles(quorum.project, quorum.rolePrefix);
    const auto at = expiryOf(approval, quorum);
    if (at && (!expiry || *at < *expiry)) expiry = at;
  }
  if (expiry) approval.mutable_expires_at()->set_unix_ms(base::toUnixMs(*expiry));
  return approval;
}

}  // namespace gantry::delivery
