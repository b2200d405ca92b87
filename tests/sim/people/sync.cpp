// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "tests/sim/people/people.h"

namespace gantry::sim {

void People::sync(const std::string& name) {
  if (world_.controller() == nullptr) return;
  api::SyncRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_application(name);
  request.set_reason("asked");
  clock_.note("ana", absl::StrCat("syncs ", name));
  world_.controller()->delivery().sync({"ana"}, request, [](const auto&) {});
}

// One whose newest plan a gate stops that may be overridden, if there is one.
std::string People::stoppedFolder() {
  std::vector<std::string> stopped;
  for (const auto& [name, plans] : seen_) {
    const bool isStopped = folders_.contains(name) && !plans.empty() &&
                           std::ranges::any_of(plans.back().gates(), [](const api::Gate& gate) {
                             return !gate.open() && gate.may_be_overridden();
                           });
    if (isStopped) stopped.push_back(name);
  }
  if (stopped.empty()) return anyFolder();
  return stopped.at(static_cast<std::size_t>(clock_.pick(static_cast<int>(stopped.size()))));
}

// Past a window or a dependency, with what was looked at, sometimes some time ago; and while others
// still have to agree, what it was for may change.
void People::overrideGates() {
  const std::string name = clock_.oneIn(3) ? anyFolder() : stoppedFolder();
  const std::vector<api::Plan>& seen = seen_[name];
  if (seen.empty() || world_.controller() == nullptr) return;
  const int back = clock_.oneIn(3) ? clock_.pick(std::min(3, static_cast<int>(seen.size()))) : 0;
  const api::Plan& plan = seen.at(seen.size() - 1 - static_cast<std::size_t>(back));
  const int owner = clock_.pick(static_cast<int>(team_.owners.size()) + 1);
  const std::string by = owner == 0 ? approver() : *std::next(team_.owners.begin(), owner - 1);
  api::SyncRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_application(name);
  request.set_reason("it cannot wait");
  request.set_override_digest(plan.digest());
  const int consent = world_.delivery().consent(consentTo(plan, by, Consent::To::kOverride),
                                                world_.view(), clock_.wallNow());
  clock_.note(by, absl::StrCat("goes past the gates of ", plan.name()));
  world_.controller()->delivery().sync(
      {by}, request, [this, by, consent](const absl::StatusOr<api::SyncResponse>& answer) {
        clock_.note(by, absl::StrCat("hears: ", answer.status().message()));
        if (isRefusal(answer.status())) world_.delivery().refused(consent);
      });
  if (!clock_.oneIn(3)) return;
  later(base::Duration(500), base::Duration(5'000), [this, name] {
    if (!agreed_) edit(name);
  });
}

}  // namespace gantry::sim
