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

}  // namespace gantry::delivery
