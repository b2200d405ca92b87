// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "base/time.h"
#include "controller/api/records.pb.h"
#include "controller/delivery/caller.h"
#include "controller/model/state.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// What people do about a plan; what their approvals are worth is said in quorum.h.

/// Whether a decision about (commit, digest) is one about this plan, and still counts: it has not
/// ended. Error: FAILED_PRECONDITION.
absl::Status mayDecide(const api::Plan& plan, const std::string& commit, const std::string& digest);

/// Whether the caller may approve or reject plans in the Project of the plan's Application, or in
/// that of a policy that the plan loosens. Error: PERMISSION_DENIED.
absl::Status authoriseDecision(const api::Plan& plan, const schema::Application& application,
                               const Caller& caller, const model::State& state);

/// Whether the caller may approve with that comment, once mayDecide: approvals are missing, and the
/// caller's would count for one of the quorums that lack some, and has not been given yet. Errors:
/// as of counts.
absl::Status mayApprove(const api::Plan& plan, const schema::Application& application,
                        const Caller& caller, const std::string& comment, const model::State& state,
                        base::Timestamp now);

/// The approval of the caller, of the plan's commit and digest, with the roles that the caller has.
api::Approval makeApproval(const api::Plan& plan, const schema::Application& application,
                           const Caller& caller, const std::string& comment,
                           const model::State& state, base::Timestamp now);

}  // namespace gantry::delivery
