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

  /// Projects whose policy the plan loosens, and whose approvals are missing beside those roles.
  std::vector<std::string> missingProjects;
  /// The controller's gate is closed: it may know what is not to be seen here, such as that
  /// somebody has left a role.
  bool isGateClosed = false;

  int given() const { return static_cast<int>(counted.size()); }
  bool isReached() const {
    return given() >= required && missingRoles.empty() && missingProjects.empty() && !isGateClosed;
  }
};
Quorum quorumOf(const api::Plan& plan, base::Timestamp now);

/// What is missing, in a few words: "1 of 2 approvals", "one of security", "approvals of shop".
/// Empty if nothing.
std::string missingText(const Quorum& quorum);

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

/// Whether approvals are missing of a plan that may still be applied: also of one that had enough
/// of them, until one ran out or the policy asked for more.
bool waitsForApproval(const api::Plan& plan, base::Timestamp now);

/// Whether an open plan waits for somebody to say `gantry sync`.
bool waitsForSync(const api::Plan& plan);

/// Whether an open plan goes on only once somebody does something: approves it, or syncs.
bool needsPerson(const api::Plan& plan, base::Timestamp now);

/// Why the plan cannot be rejected, in one sentence; empty if it can.
std::string whyNotReject(const api::Plan& plan);

/// Whether the plan only puts back what was let through before: live has drifted, Git has not.
bool isRepair(const api::Plan& plan);

}  // namespace gantry::client
