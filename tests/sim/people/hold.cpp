// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "tests/sim/people/people.h"

namespace gantry::sim {

void People::holdRevision() {
  const std::string name = anyFolder();
  const auto* application = world_.view().find<schema::Application>({kSystemNamespace, name});
  if (application == nullptr || world_.controller() == nullptr) return;
  const schema::ApplicationStatus& status = application->status();
  api::HoldRevisionRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_application(name);
  request.set_commit((clock_.oneIn(2) ? status.observed() : status.applied()).commit());
  request.set_reason("it looks bad");
  const std::string by = approver();
  clock_.note(by, absl::StrCat("holds ", request.commit().substr(0, 8), " of ", name));
  world_.controller()->delivery().holdRevision({by}, request, [](const auto&) {});
}

void People::liftHold() {
  const auto& holds = world_.view().table<api::Hold>();
  if (holds.empty() || world_.controller() == nullptr) return;
  api::LiftHoldRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_hold(holds.begin()->second->name());
  request.set_reason("it is good after all");
  clock_.note("ana", absl::StrCat("lifts the hold ", request.hold()));
  (void)world_.controller()->delivery().liftHold({"ana"}, request);
}

}  // namespace gantry::sim
