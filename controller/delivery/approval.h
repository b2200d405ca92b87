// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/api/records.pb.h"
#include "controller/delivery/caller.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// How many people must approve these changes: what the Application's policy says, but at least one
/// where an Application is deleted.
int approvalsRequired(const schema::Application& application,
                      const std::vector<api::PlannedChange>& changes);

/// How many different people have approved exactly this commit and digest.
int approvalsGiven(const api::Plan& plan);

/// "waits for 1 of 2 approvals"; empty when enough are there.
std::string missingApprovals(const api::Plan& plan);

/// Whether a decision about (commit, digest) is one about this plan, and still counts. Error:
/// FAILED_PRECONDITION.
absl::Status mayDecide(const api::Plan& plan, const std::string& commit, const std::string& digest);

/// Whether the caller may approve (commit, digest): mayDecide, approvals are missing, and the
/// caller has not approved yet. The author of the commit may. Error: FAILED_PRECONDITION.
absl::Status mayApprove(const api::Plan& plan, const Caller& caller, const std::string& commit,
                        const std::string& digest);

}  // namespace gantry::delivery
