// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/time.h"
#include "controller/api/records.pb.h"
#include "controller/model/state.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// Who has to say yes to a plan by one policy: its Application's, or one that the plan loosens.
struct Quorum {
  int required = 0;
  schema::ApprovalPolicy policy;
  /// Whose roles and people count.
  std::string project;
  /// What stands before the name of a role where an approval records it: "shop/", or nothing for
  /// the plan's own Project.
  std::string rolePrefix = {};
  /// What it does to another policy ("loosens …"), for people; empty: the plan's own policy asks.
  std::string loosens = {};
};

/// How many people must approve these changes: what the Application's policy says, but at least one
/// where an Application is deleted, or more than the deletion budget.
int approvalsRequired(const schema::Application& application,
                      const std::vector<api::PlannedChange>& changes);

/// The quorums that the plan needs by the policy that `application` has now, not by the one that
/// the plan was made under. None for what was approved before (self-heal, the same content once
/// more) and for a rollback, unless it loosens another policy; that one counts as it was found when
/// the plan was made. Pure.
std::vector<Quorum> quorumsOf(const api::Plan& plan, const schema::Application& application);

/// Writes into the plan what is asked of people (approvals_required, policy), and into every
/// approval why it does not count, if it does not. Pure.
void describeApprovals(api::Plan& plan, const schema::Application& application,
                       const model::State& state, base::Timestamp now);

/// Whether one approval counts for one quorum: of exactly this commit and digest, by somebody who
/// may approve in its Project now, who wrote none of the plan's commits unless the policy allows
/// that, with a comment if one is asked for, and not older than the policy allows now, nor than it
/// did when the approval was given. This is the one judgement: before an approval is taken,
/// whenever a plan is looked at, and when it is applied. Errors: FAILED_PRECONDITION (it has run
/// out, the authors are not known), INVALID_ARGUMENT (no comment), PERMISSION_DENIED. Pure.
absl::Status counts(const api::Plan& plan, const Quorum& quorum, const api::Approval& approval,
                    const model::State& state, base::Timestamp now);

/// From when on an approval no longer counts for the quorum; nothing: it does not expire. Pure.
std::optional<base::Timestamp> expiryOf(const api::Approval& approval, const Quorum& quorum);

/// The approvals that count for the quorum, one a person, the newest.
std::vector<const api::Approval*> countedApprovals(const api::Plan& plan, const Quorum& quorum,
                                                   const model::State& state, base::Timestamp now);

/// "waits: 1 of 2 approvals, and for one of a member of security; ana's approval no longer counts:
/// …"; empty when enough are there. A role counts if who approved had it then and has it now; where
/// nobody has it, an admin of the cluster stands in.
std::string missingApprovals(const api::Plan& plan, const Quorum& quorum, const model::State& state,
                             base::Timestamp now);

/// What the first quorum lacks that is not complete.
std::string missingApprovals(const api::Plan& plan, const schema::Application& application,
                             const model::State& state, base::Timestamp now);

/// When the first of those that count expires.
std::optional<base::Timestamp> nextExpiry(const api::Plan& plan,
                                          const schema::Application& application,
                                          const model::State& state, base::Timestamp now);

}  // namespace gantry::delivery
