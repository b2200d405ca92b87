// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/time.h"
#include "controller/api/records.pb.h"
#include "controller/delivery/caller.h"
#include "controller/model/state.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// How many people must approve these changes: what the Application's policy says, but at least one
/// where an Application is deleted, or more than the deletion budget.
int approvalsRequired(const schema::Application& application,
                      const std::vector<api::PlannedChange>& changes);

/// The approvals that count: of exactly this commit and digest, not expired, one a person.
std::vector<const api::Approval*> countedApprovals(const api::Plan& plan, base::Timestamp now);

/// "waits: 1 of 2 approvals, and for one of a member of security"; empty when enough are there.
std::string missingApprovals(const api::Plan& plan, base::Timestamp now);

/// When the first of those that count expires.
std::optional<base::Timestamp> nextExpiry(const api::Plan& plan, base::Timestamp now);

/// Whether a decision about (commit, digest) is one about this plan, and still counts: it has not
/// ended. Error: FAILED_PRECONDITION.
absl::Status mayDecide(const api::Plan& plan, const std::string& commit, const std::string& digest);

/// Whether the caller may approve with that comment, once mayDecide: approvals are missing, the
/// caller has not approved yet, has written none of the plan's commits, which are known, unless the
/// policy allows that, and says why if the policy asks for it. Errors: FAILED_PRECONDITION,
/// INVALID_ARGUMENT (no comment), PERMISSION_DENIED (an author).
absl::Status mayApprove(const api::Plan& plan, const schema::Application& application,
                        const Caller& caller, const std::string& comment, const model::State& state,
                        base::Timestamp now);

/// The approval of the caller, of the plan's commit and digest.
api::Approval makeApproval(const api::Plan& plan, const schema::Application& application,
                           const Caller& caller, const std::string& comment,
                           const model::State& state, base::Timestamp now);

}  // namespace gantry::delivery
