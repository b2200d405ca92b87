// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "tests/sim/people.h"

namespace gantry::sim {

namespace {

using base::Duration;

/// Whether it is certain that what was asked for is not done.
bool isRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsNotFound(status) ||
         absl::IsPermissionDenied(status) || absl::IsInvalidArgument(status);
}

}  // namespace

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
  std::vector<std::string> names = {kRoot};
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
  const int consent = world_.delivery().consent(consentTo(seen, by, Consent::To::kPlan),
                                                world_.view(), clock_.wallNow());
  clock_.note(
      by, absl::StrCat("approves ", plan, " as ", commit.substr(0, 8), " ", digest.substr(0, 8)));
  const auto answer = world_.controller()->delivery().approve({by}, request);
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

void People::sync(const std::string& name) {
  if (world_.controller() == nullptr) return;
  api::SyncRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_application(name);
  request.set_reason("asked");
  clock_.note("ana", absl::StrCat("syncs ", name));
  world_.controller()->delivery().sync({"ana"}, request, [](const auto&) {});
}

// Past a window or a dependency, with what was looked at, sometimes some time ago.
void People::overrideGates() {
  const std::string name = anyFolder();
  const std::vector<api::Plan>& seen = seen_[name];
  if (seen.empty() || world_.controller() == nullptr) return;
  const int back = clock_.oneIn(3) ? clock_.pick(std::min(3, static_cast<int>(seen.size()))) : 0;
  const api::Plan& plan = seen.at(seen.size() - 1 - static_cast<std::size_t>(back));
  const std::string by = approver();
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
}

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

void People::rollBack() {
  if (world_.controller() == nullptr) return;
  api::RollbackRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_application(anyFolder());
  const std::string by = person();
  clock_.note(by, absl::StrCat("thinks of a rollback of ", request.application()));
  world_.controller()->delivery().previewRollback(
      request, [this, by](const absl::StatusOr<api::RollbackPreview>& preview) {
        if (!preview.ok()) return;
        later(Duration(200), Duration(3'000), [this, preview = *preview, by] {
          if (!agreed_) confirmRollback(preview, by);
        });
      });
}

void People::confirmRollback(const api::RollbackPreview& preview, const std::string& by) {
  api::RollbackRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_application(preview.plan().application());
  request.set_to(preview.to().name());
  request.set_reason("it was better before");
  request.set_digest(preview.plan().digest());
  world_.delivery().consent(consentTo(preview.plan(), by, Consent::To::kRollback), world_.view(),
                            clock_.wallNow());
  clock_.note(by, absl::StrCat("rolls ", request.application(), " back to ", request.to()));
  world_.controller()->delivery().rollback(
      {by}, request, [this, by](const absl::StatusOr<api::RollbackResponse>& answer) {
        clock_.note(by, absl::StrCat("hears of the rollback: ", answer.status().message()));
      });
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
