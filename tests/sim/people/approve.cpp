// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "tests/sim/people/people.h"

namespace gantry::sim {

using base::Duration;

bool isRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsNotFound(status) ||
         absl::IsPermissionDenied(status) || absl::IsInvalidArgument(status);
}

// Else the one that is being applied, the approvals of which may run out on the way.
const api::Plan* People::waiting(const std::string& application) const {
  const api::Plan* running = nullptr;
  for (const auto& [name, plan] : world_.view().table<api::Plan>()) {
    if (plan->application() != application) continue;
    if (plan->state() < api::APPLYING) return plan.get();
    if (plan->state() == api::APPLYING) running = plan.get();
  }
  return running;
}

// Also of the root's, which waits where a policy is loosened.
void People::look() {
  std::vector<std::string> names = {api::kRootApplication};
  for (const auto& [name, folder] : folders_) names.push_back(name);
  for (const std::string& name : names) {
    const api::Plan* plan = waiting(name);
    if (plan == nullptr) continue;
    std::vector<api::Plan>& seen = seen_[name];
    if (seen.empty() || seen.back().digest() != plan->digest()) seen.push_back(*plan);
    if (!agreed_ && clock_.oneIn(2)) continue;
    for (int i = agreed_ ? static_cast<int>(std::size(kPeople)) : 1; i > 0; --i) {
      const std::string by = agreed_ ? kPeople[i - 1] : approver();
      later(Duration(300), Duration(6'000), [this, plan = *plan, by] { decide(plan, by); });
    }
    if (!agreed_ || name != api::kRootApplication) continue;
    for (const char* const by : kAdmins) {
      later(Duration(300), Duration(6'000), [this, plan = *plan, by] { decide(plan, by); });
    }
  }
}

void People::decide(const api::Plan& seen, const std::string& by) {
  if (!agreed_ && clock_.oneIn(10)) {
    api::RejectPlanRequest request;
    request.set_namespace_(seen.namespace_());
    request.set_plan(seen.name());
    request.set_commit(seen.revision().commit());
    request.set_digest(seen.digest());
    request.set_reason("not now");
    const auto answer = world_.controller()->delivery().reject({by}, request);
    clock_.note(by, absl::StrCat("rejects ", seen.name(), ": ", answer.status().message()));
    return;
  }
  approve(seen, by, seen.name(), seen.revision().commit(), seen.digest());
}

void People::approve(const api::Plan& seen, const std::string& by, const std::string& plan,
                     const std::string& commit, const std::string& digest) {
  api::ApprovePlanRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_plan(plan);
  request.set_commit(commit);
  request.set_digest(digest);
  // Recorded first: whether an answer that never comes was a yes is for the controller to know.
  Consent given = consentTo(seen, by, Consent::To::kPlan);
  given.isAdmin = std::ranges::find(kAdmins, by) != kAdmins.end();
  const bool isAdmin = given.isAdmin;
  const int consent = world_.delivery().consent(std::move(given), world_.view(), clock_.wallNow());
  clock_.note(
      by, absl::StrCat("approves ", plan, " as ", commit.substr(0, 8), " ", digest.substr(0, 8)));
  const auto answer = world_.controller()->delivery().approve({by, isAdmin}, request);
  if (answer.ok()) {
    const bool isWaiting = answer->state() < api::APPLYING;
    if (isWaiting && !agreed_ && clock_.oneIn(3)) {
      later(Duration(100), Duration(2'000), [this] {
        if (!agreed_) meddle();
      });
    }
    return;
  }
  clock_.note(by, absl::StrCat("is refused: ", answer.status().message()));
  if (isRefusal(answer.status())) world_.delivery().refused(consent);
}

// With what was looked at some time ago, in part or as a whole.
void People::approveStale() {
  const std::string name = anyFolder();
  const api::Plan* plan = waiting(name);
  const std::vector<api::Plan>& seen = seen_[name];
  if (plan == nullptr || seen.empty() || world_.controller() == nullptr) return;
  const api::Plan& old =
      seen.at(seen.size() - 1 -
              static_cast<std::size_t>(clock_.pick(std::min(3, static_cast<int>(seen.size())))));
  const bool isOldCommit = clock_.oneIn(2);
  const std::string commit = (isOldCommit ? old : *plan).revision().commit();
  const std::string digest = old.digest();
  approve(api::Plan(old), approver(), std::string(plan->name()), commit, digest);
}

}  // namespace gantry::sim
