// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/time.h"
#include "controller/api/records.pb.h"

namespace gantry::delivery {

/// Who sets off what Gantry does without being asked.
inline constexpr char kController[] = "controller";

inline constexpr char kCauseSync[] = "sync";
inline constexpr char kCauseSelfHeal[] = "self-heal";
inline constexpr char kCauseRollback[] = "rollback";

/// Nothing of the plan is applied yet, but it may be: it waits, or is approved.
inline bool isOpen(const api::Plan& plan) {
  return plan.state() < api::APPLYING;
}

/// The plan is over: applied, or never will be.
inline bool isEnded(const api::Plan& plan) {
  return plan.state() >= api::APPLIED;
}

/// Moves a plan to a later state. States only rise, but for followApprovals; a lower one is a
/// mistake of the program.
void advance(api::Plan& plan, api::PlanState next, std::string message, base::Timestamp now);

/// Of a plan that waits: PENDING while one of its approval gates is closed, also if it was APPROVED
/// before an approval ran out or stopped counting; APPROVED if people have opened all of them.
void followApprovals(api::Plan& plan);

}  // namespace gantry::delivery
