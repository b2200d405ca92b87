// SPDX-License-Identifier: Apache-2.0
#include "controller/access/authorisation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace gantry::access {
namespace {

struct Rule {
  std::string_view method;
  /// The least role that may call it; none: anybody, also without a certificate.
  std::optional<Role> least;
};

constexpr Rule kRules[] = {
    {"/gantry.api.Control/GetServerInfo", Role::kViewer},
    {"/gantry.api.Control/List", Role::kViewer},
    {"/gantry.api.Control/Watch", Role::kViewer},
    {"/gantry.api.Control/Logs", Role::kViewer},
    {"/gantry.api.Control/Sync", Role::kOperator},
    {"/gantry.api.Control/ApprovePlan", Role::kApprover},
    {"/gantry.api.Control/RejectPlan", Role::kApprover},
    {"/gantry.api.Control/PreviewRollback", Role::kViewer},
    {"/gantry.api.Control/Rollback", Role::kOperator},
    {"/gantry.api.Control/LiftHold", Role::kOperator},
    {"/gantry.api.Control/HoldRevision", Role::kOperator},
    {"/gantry.api.Control/Suspend", Role::kOperator},
    {"/gantry.api.Control/Resume", Role::kOperator},
    {"/gantry.api.Control/PreviewRevision", Role::kViewer},
    {"/gantry.api.Control/CompareRevisions", Role::kViewer},
    {"/gantry.api.Control/PauseRollout", Role::kOperator},
    {"/gantry.api.Control/ResumeRollout", Role::kOperator},
    {"/gantry.api.Control/Cordon", Role::kOperator},
    {"/gantry.api.Control/Uncordon", Role::kOperator},
    {"/gantry.api.Control/PreviewDrain", Role::kViewer},
    {"/gantry.api.Control/Drain", Role::kOperator},
    {"/gantry.api.Control/CreateJoinToken", Role::kAdmin},
    {"/gantry.api.Join/Join", std::nullopt},
    {"/gantry.api.AgentLink/Session", Role::kAgent},
    {"/gantry.api.AgentLink/PushLogs", Role::kAgent},
};

// People's roles include each other; an agent is no person, and no person an agent.
bool includes(Role held, Role least) {
  if (held == Role::kAgent || least == Role::kAgent) return held == least;
  return held >= least;
}

}  // namespace

absl::Status authorise(std::string_view method, const std::optional<Identity>& caller) {
  const Rule* rule = std::find_if(std::begin(kRules), std::end(kRules),
                                  [method](const Rule& each) { return each.method == method; });
  if (rule == std::end(kRules)) {
    return absl::UnimplementedError(absl::StrCat("there is no method ", std::string(method)));
  }
  if (!rule->least) return absl::OkStatus();
  if (!caller) {
    return absl::UnauthenticatedError("a client certificate of this cluster is needed");
  }
  if (includes(caller->role, *rule->least)) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(
      caller->name, " is ", roleName(caller->role), "; ",
      std::string(method.substr(method.rfind('/') + 1)), " needs ", roleName(*rule->least)));
}

}  // namespace gantry::access
