// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/conditions.h"

#include <algorithm>

namespace gantry::delivery {

void setProblem(schema::ApplicationStatus& status, const std::string& type,
                const std::string& problem, base::Timestamp now) {
  auto& conditions = *status.mutable_conditions();
  const auto found = std::ranges::find_if(
      conditions, [&](const schema::Condition& each) { return each.type() == type; });
  if (problem.empty()) {
    if (found != conditions.end()) conditions.erase(found);
    return;
  }
  if (found != conditions.end() && found->message() == problem) return;
  schema::Condition& condition = found != conditions.end() ? *found : *conditions.Add();
  if (condition.type().empty()) {
    condition.set_type(type);
    condition.set_status("True");
    condition.set_reason("Failed");
    condition.mutable_last_transition_time()->set_unix_ms(base::toUnixMs(now));
  }
  condition.set_message(problem);
  condition.mutable_last_update_time()->set_unix_ms(base::toUnixMs(now));
}

}  // namespace gantry::delivery
