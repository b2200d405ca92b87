// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/approval.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "controller/delivery/plan_state.h"

namespace gantry::delivery {
namespace {

std::set<std::string> approvers(const api::Plan& plan) {
  std::set<std::string> people;
  for (const api::Approval& approval : plan.approvals()) {
    if (approval.commit() == plan.revision().commit() && approval.digest() == plan.digest()) {
      people.insert(approval.by());
    }
  }
  return people;
}

}  // namespace

int approvalsRequired(const schema::Application& application,
                      const std::vector<api::PlannedChange>& changes) {
  const int policy = application.spec().sync_policy().approval().required();
  const bool deletesApplication =
      std::ranges::any_of(changes, [](const api::PlannedChange& change) {
        return change.action() == api::DELETE && change.kind() == "Application";
      });
  return std::max(policy, deletesApplication ? 1 : 0);
}

int approvalsGiven(const api::Plan& plan) {
  return static_cast<int>(approvers(plan).size());
}

std::string missingApprovals(const api::Plan& plan) {
  const int given = approvalsGiven(plan);
  if (given >= plan.approvals_required()) return {};
  return absl::StrCat("waits: ", given, " of ", plan.approvals_required(), " approvals");
}

absl::Status mayDecide(const api::Plan& plan, const std::string& commit,
                       const std::string& digest) {
  if (!isOpen(plan)) {
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

absl::Status mayApprove(const api::Plan& plan, const Caller& caller, const std::string& commit,
                        const std::string& digest) {
  if (absl::Status status = mayDecide(plan, commit, digest); !status.ok()) return status;
  if (approvers(plan).contains(caller.identity)) {
    return absl::FailedPreconditionError(
        absl::StrCat(caller.identity, " has approved plan ", plan.name(), " already"));
  }
  if (missingApprovals(plan).empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("plan ", plan.name(), " needs no more approvals: ", plan.message()));
  }
  return absl::OkStatus();
}

}  // namespace gantry::delivery
