// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "tests/sim/people/people.h"

namespace gantry::sim {

void People::suspendOrResume() {
  const std::string name = anyFolder();
  const auto* application = world_.view().find<schema::Application>({kSystemNamespace, name});
  if (application == nullptr || world_.controller() == nullptr) return;
  const std::string by = approver();
  if (application->status().has_suspension() && clock_.oneIn(2)) return resume(name, by);
  api::SuspendRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_application(name);
  request.set_reason("looking into it");
  request.set_ttl_seconds(clock_.oneIn(3) ? 0 : 3 + clock_.pick(30));
  const auto answer = world_.controller()->delivery().suspend({by}, request);
  clock_.note(by, absl::StrCat("suspends ", name, " for ", request.ttl_seconds(),
                               " s: ", answer.status().message()));
}

void People::resume(const std::string& name, const std::string& by) {
  api::ResumeRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_application(name);
  const auto answer = world_.controller()->delivery().resume({by}, request);
  clock_.note(by, absl::StrCat("resumes ", name, ": ", answer.status().message()));
}

}  // namespace gantry::sim
