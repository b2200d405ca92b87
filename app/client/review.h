// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "controller/api/records.pb.h"

namespace gantry::client {

/// Who has said yes to a plan, and what is missing. The controller decides; this shows it before
/// it is asked. Pure, as are all below.
struct Quorum {
  int required = 0;
  /// Approvals that count: of this commit and digest, not run out, not void by the policy that the
  /// controller saw last, one a person.
  std::vector<const api::Approval*> counted;
  /// Roles of the policy of which nobody has approved yet.
  std::vector<std::string> missingRoles;

  /// The plan loosens other policies, and approvals are missing that one of these asks for.
  bool othersMissing = false;

  int given() const { return static_cast<int>(counted.size()); }
  bool isReached() const { return given() >= required && missingRoles.empty() && !othersMissing; }
};
Quorum quorumOf(const api::Plan& plan, base::Timestamp now);

/// What the policy asks for beside the number: "one of security; not its authors; with a comment;
/// for 8h". Empty if nothing.
std::string policyText(const schema::ApprovalPolicy& policy);

/// Why the controller would refuse the approval of `identity`, in one sentence; empty if nothing is
/// known that speaks against it. `project` may be null.
std::string whyNotApprove(const api::Plan& plan, const std::string& identity,
                          const schema::Project* project, base::Timestamp now);

/// "and 23 older, by Ana, Ben": of the commits that are not shown.
std::string olderCommitsText(const api::Plan& plan);

/// Whether the plan waits, and a gate is closed that somebody may go past.
bool mayBeOverridden(const api::Plan& plan);

/// Whether the plan may still be applied.
inline bool isOpen(const api::Plan& plan) {
  return plan.state() < api::APPLIED;
}

}  // namespace gantry::client
