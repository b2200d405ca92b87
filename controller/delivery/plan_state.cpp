// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/plan_state.h"

#include "base/check.h"

namespace gantry::delivery {

void advance(api::Plan& plan, api::PlanState next, std::string message, base::Timestamp now) {
  GANTRY_CHECK(next > plan.state());
  plan.set_state(next);
  plan.set_message(std::move(message));
  if (isEnded(plan)) plan.mutable_finished_at()->set_unix_ms(base::toUnixMs(now));
}

void followApprovals(api::Plan& plan) {
  GANTRY_CHECK(isOpen(plan));
  bool isAsked = false;
  for (const api::Gate& gate : plan.gates()) {
    if (gate.kind() != "approval") continue;
    isAsked = true;
    if (!gate.open()) return plan.set_state(api::PENDING);
  }
  if (isAsked && !plan.approvals().empty()) plan.set_state(api::APPROVED);
}

}  // namespace gantry::delivery
