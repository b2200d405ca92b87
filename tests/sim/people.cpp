// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/people.h"

#include <iterator>

#include "absl/strings/str_cat.h"

namespace gantry::sim {
namespace {

using base::Duration;

/// The first of them push; all approve.
constexpr const char* kPeople[] = {"ana", "ben", "cem", "dia", "eve"};
constexpr int kAuthors = 3;

}  // namespace

People::People(World& world) : world_(world), clock_(world.clock()) {
  for (const char* name : {"production", "staging"}) {
    Folder& folder = folders_[name];
    folder.name = name;
    for (const char* workload : {"front", "back"}) {
      folder.workloads.emplace_back().name = workload;
      editWorkload(folder.workloads.back());
      folder.workloads.back().image = "docker.io/shop/web:v1";
    }
  }
  policies_["staging"].selfHeal = clock_.oneIn(2);
  policies_["production"].approvals = 1 + clock_.pick(2);
  policies_["production"].automated = !clock_.oneIn(3);
  policies_["production"].prune = clock_.oneIn(2);
  policies_["production"].selfHeal = clock_.oneIn(2);
}

void People::begin() {
  for (const auto& [name, policy] : policies_) pushPolicy(name);
  for (const auto& [name, folder] : folders_) push(name, "begin");
}

void People::act() {
  look();
  const int kind = clock_.pick(26);
  if (kind < 6) edit();
  if (kind == 6) mistake();
  if (kind == 7) changePolicy();
  if (kind >= 8 && kind < 11) approveStale();
  if (kind == 11 || kind == 12) sync(anyFolder());
  if (kind == 13 || kind == 14) rollBack();
  if (kind == 15) liftHold();
  if (kind >= 16 && kind < 19) operate();
  if (kind == 19) rollout(clock_.oneIn(2));
  if (kind >= 20) meddle();
}

// ---- Git

void People::push(const std::string& name, const std::string& subject) {
  const support::FakeGit::Files wanted = filesOf(folders_.at(name));
  support::FakeGit::Edits edits;
  const std::string head = world_.git().head(kUrl, kBranch);
  for (const auto& [file, text] : world_.git().filesOf(kUrl, head)) {
    if (file.starts_with(name + "/") && !wanted.contains(file)) edits[file] = std::nullopt;
  }
  for (const auto& [file, text] : wanted) edits[file] = text;
  const std::string id = world_.git().commit(kUrl, kBranch, edits, subject, person());
  clock_.note("git", absl::StrCat("push to ", name, ": ", subject, " (", id.substr(0, 8), ")"));
}

void People::pushPolicy(const std::string& name) {
  const Policy& policy = policies_.at(name);
  clock_.note("git", absl::StrCat("policy of ", name, policy.automated ? ": automated" : ":",
                                  policy.prune ? ", prune" : "", policy.selfHeal ? ", heal" : "",
                                  ", ", policy.approvals, " approvals"));
  world_.git().commit(kUrl, kBranch, {{applicationFile(name), applicationYaml(name, policy)}},
                      "policy");
}

void People::editWorkload(Workload& workload) {
  switch (clock_.pick(8)) {
    case 0:
      workload.replicas = clock_.pick(6);
      break;
    case 1:
      workload.surge = clock_.oneIn(2) ? "1" : absl::StrCat(clock_.pick(8) * 10, "%");
      workload.unavailable = clock_.oneIn(2) ? "0" : absl::StrCat(clock_.pick(6) * 10, "%");
      break;
    case 2:
      workload.minReadySeconds = clock_.pick(6);
      break;
    case 3:
      workload.cpuMillis = 100 + 300 * clock_.pick(4);
      break;
    case 4:
      workload.isRecreate = clock_.oneIn(3);
      break;
    default: {
      const char* const bad[] = {kMissingImage, kCrashingImage, kUnreadyImage};
      workload.image = clock_.oneIn(4) ? bad[clock_.pick(3)]
                                       : absl::StrCat("docker.io/shop/web:v", 1 + clock_.pick(4));
      break;
    }
  }
}

void People::edit() {
  Folder& folder = folders_.at(anyFolder());
  folder.isBroken = false;
  switch (clock_.pick(6)) {
    case 0:
      folder.greeting = absl::StrCat("hello ", ++pushes_);
      break;
    case 1:
      folder.password = absl::StrCat("secret ", ++pushes_);
      break;
    case 2:
      folder.extras[absl::StrCat("extra-", clock_.pick(3))] = absl::StrCat("text ", ++pushes_);
      break;
    case 3:
      folder.extras.erase(absl::StrCat("extra-", clock_.pick(3)));
      break;
    default:
      break;
  }
  editWorkload(folder.workloads.at(static_cast<std::size_t>(clock_.pick(2))));
  push(folder.name, absl::StrCat("edit ", ++pushes_));
}

void People::changePolicy() {
  const std::string name = anyFolder();
  Policy& policy = policies_.at(name);
  switch (clock_.pick(4)) {
    case 0:
      policy.prune = !policy.prune;
      break;
    case 1:
      policy.selfHeal = !policy.selfHeal;
      break;
    case 2:
      policy.automated = !policy.automated;
      break;
    default:
      policy.approvals = clock_.pick(3);
      break;
  }
  pushPolicy(name);
}

void People::mistake() {
  const std::string name = anyFolder();
  const std::string head = world_.git().head(kUrl, kBranch);
  switch (clock_.pick(3)) {
    case 0: {
      folders_.at(name).isBroken = true;
      return push(name, "a mistake");
    }
    case 1: {
      support::FakeGit::Edits edits;
      for (const auto& [file, text] : world_.git().filesOf(kUrl, head)) {
        if (file.starts_with(name + "/")) edits[file] = std::nullopt;
      }
      clock_.note("git", absl::StrCat(name, " is emptied"));
      world_.git().commit(kUrl, kBranch, edits, "empty");
      return;
    }
    default: {
      // Never back to before the beginning.
      const auto& parents = world_.git().commitOf(kUrl, head).parents;
      if (parents.empty() ||
          !world_.git()
               .filesOf(kUrl, parents.front())
               .contains(absl::StrCat(folders_.rbegin()->first, "/greeting.yaml"))) {
        return;
      }
      clock_.note("git", absl::StrCat("forced push to ", parents.front().substr(0, 8)));
      world_.git().forcePush(kUrl, kBranch, parents.front());
    }
  }
}

// ---- plans

const api::Plan* People::waiting(const std::string& application) const {
  for (const auto& [name, plan] : world_.view().table<api::Plan>()) {
    if (plan->application() == application && plan->state() < api::APPLYING) return plan.get();
  }
  return nullptr;
}

void People::look() {
  for (const auto& [name, folder] : folders_) {
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
  const int consent = world_.delivery().consent(consentTo(seen, by, false));
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
  if (absl::IsFailedPrecondition(answer.status()) || absl::IsNotFound(answer.status()) ||
      absl::IsPermissionDenied(answer.status())) {
    world_.delivery().refused(consent);
  }
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
  world_.delivery().consent(consentTo(preview.plan(), by, true));
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

// ---- the cluster

void People::operate() {
  if (world_.controller() == nullptr) return;
  api::NodeRequest request;
  const auto& nodes = world_.nodes();
  request.set_node(
      nodes.at(static_cast<std::size_t>(clock_.pick(static_cast<int>(nodes.size()))))->name());
  request.set_reason("maintenance");
  const int kind = clock_.pick(4);
  clock_.note("ana", absl::StrCat(kind == 0   ? "cordons "
                                  : kind == 1 ? "drains "
                                              : "uncordons ",
                                  request.node()));
  if (kind == 0) (void)world_.controller()->cordon({"ana"}, request);
  if (kind == 1) (void)world_.controller()->drain({"ana"}, request);
  if (kind > 1) (void)world_.controller()->uncordon({"ana"}, request);
}

void People::rollout(bool isPause) {
  if (world_.controller() == nullptr) return;
  for (const auto& [name, deployment] : world_.view().table<schema::Deployment>()) {
    if (!clock_.oneIn(3)) continue;
    api::RolloutRequest request;
    request.set_namespace_(name.ns);
    request.set_deployment(name.name);
    request.set_reason("looking into it");
    clock_.note("ana", absl::StrCat(isPause ? "pauses " : "resumes ", name.ns, "/", name.name));
    (void)(isPause ? world_.controller()->pauseRollout({"ana"}, request)
                   : world_.controller()->resumeRollout({"ana"}, request));
    return;
  }
}

// Past Git: what is there is changed or taken away, and things appear that belong to nobody, or
// that say of themselves that they belong to an Application which has never heard of them.
void People::meddle() {
  std::string folder = anyFolder();
  for (const auto& [name, other] : folders_) {
    // What hurts most: under a plan that somebody has said yes to.
    const api::Plan* plan = waiting(name);
    if (plan != nullptr && plan->approvals_size() > 0) folder = name;
  }
  const std::string ns = namespaceOf(folder);
  const int kind = clock_.pick(6);
  if (kind < 2) {
    schema::ConfigMap map;
    const char* const names[] = {"extra-0", "extra-1", "front", "greeting-old", "shop-config"};
    map.mutable_metadata()->set_name(names[clock_.pick(5)]);
    map.mutable_metadata()->set_namespace_(ns);
    (*map.mutable_data())["text"] = "nobody's";
    if (kind == 1) {
      (*map.mutable_metadata()->mutable_annotations())["gantry.dev/application"] =
          absl::StrCat(kSystemNamespace, "/", folder);
    }
    if (world_.view().find<schema::ConfigMap>({ns, map.metadata().name()}) != nullptr) return;
    return world_.meddle(absl::StrCat("adds ConfigMap ", ns, "/", map.metadata().name()),
                         [&](auto& transaction) { transaction.put(map); });
  }
  if (kind == 2) {
    return world_.meddle(absl::StrCat("deletes ConfigMap ", ns, "/greeting"),
                         [&](auto& transaction) {
                           transaction.template erase<schema::ConfigMap>({ns, "greeting"});
                         });
  }
  if (kind == 3) {
    return world_.meddle(absl::StrCat("deletes Service ", ns, "/front"), [&](auto& transaction) {
      transaction.template erase<schema::Service>({ns, "front"});
    });
  }
  const auto* found = world_.view().find<schema::Deployment>({ns, "front"});
  if (found == nullptr) return;
  schema::Deployment deployment = *found;
  deployment.mutable_metadata()->set_generation(deployment.metadata().generation() + 1);
  if (kind == 4) {
    deployment.mutable_spec()->set_replicas(clock_.pick(5));
  } else {
    (*deployment.mutable_metadata()->mutable_labels())["touched"] =
        absl::StrCat("at-", clock_.elapsed().count());
  }
  world_.meddle(absl::StrCat("changes Deployment ", ns, "/front"),
                [&](auto& transaction) { transaction.put(deployment); });
}

// ---- the end

void People::agree() {
  agreed_ = true;
  for (auto& [name, folder] : folders_) {
    folder.greeting = "the end";
    folder.isBroken = false;
    folder.extras = {{"extra-0", "the end"}};
    for (Workload& workload : folder.workloads) {
      workload.replicas = 1 + clock_.pick(3);
      workload.image = absl::StrCat("docker.io/shop/web:v", 1 + clock_.pick(4));
      workload.cpuMillis = 200;
      workload.surge = "1";
    }
    push(name, "the end");
  }
  for (const auto& [name, policy] : policies_) pushPolicy(name);
}

// All the while: what was stopped by somebody goes on, what waits is approved, and where nothing
// is automatic it is asked for.
void People::insist() {
  if (world_.controller() == nullptr) return;
  for (const auto& [name, node] : world_.view().table<schema::Node>()) {
    if (!node->spec().unschedulable() && !node->spec().has_drain()) continue;
    api::NodeRequest request;
    request.set_node(name.name);
    (void)world_.controller()->uncordon({"ana"}, request);
  }
  std::vector<api::RolloutRequest> paused;
  for (const auto& [name, deployment] : world_.view().table<schema::Deployment>()) {
    if (deployment->status().paused_by().empty()) continue;
    paused.emplace_back().set_namespace_(name.ns);
    paused.back().set_deployment(name.name);
  }
  for (const api::RolloutRequest& request : paused) {
    (void)world_.controller()->resumeRollout({"ana"}, request);
  }
  look();
  // What was pushed while a rollback was on its way is held until somebody says that it is good.
  std::vector<api::LiftHoldRequest> lifted;
  for (const auto& [name, hold] : world_.view().table<api::Hold>()) {
    const auto* application =
        world_.view().find<schema::Application>({name.ns, hold->application()});
    if (application == nullptr) continue;
    const schema::Revision& observed = application->status().observed();
    if (hold->commit() != observed.commit() && hold->tree_hash() != observed.tree_hash()) continue;
    lifted.emplace_back().set_namespace_(name.ns);
    lifted.back().set_hold(name.name);
    lifted.back().set_reason("it is the end");
  }
  for (const api::LiftHoldRequest& request : lifted) {
    (void)world_.controller()->delivery().liftHold({"ana"}, request);
  }
  for (const auto& [name, folder] : folders_) {
    const auto* application = world_.view().find<schema::Application>({kSystemNamespace, name});
    if (application != nullptr && application->status().sync() != "Synced") sync(name);
  }
}

// ----

std::string People::person() {
  return kPeople[clock_.pick(kAuthors)];
}

std::string People::approver() {
  return kPeople[clock_.pick(static_cast<int>(std::size(kPeople)))];
}

std::string People::anyFolder() {
  return std::next(folders_.begin(), clock_.pick(static_cast<int>(folders_.size())))->first;
}

void People::later(Duration least, Duration most, std::function<void()> act) {
  clock_.after(clock_.between(least, most), [this, act = std::move(act)] {
    if (world_.controller() != nullptr) act();
  });
}

}  // namespace gantry::sim
