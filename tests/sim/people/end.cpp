// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/sim/people/people.h"

namespace gantry::sim {

void People::agree() {
  agreed_ = true;
  for (auto& [name, folder] : folders_) {
    folder.greeting = "the end";
    folder.isBroken = false;
    folder.extras = {{"extra-0", "the end"}};
    // Whoever has put something into it keeps it.
    folder.hasLab = true;
    for (auto& [job, hook] : folder.hooks) hook.image = kDoneImage;
    for (Workload& workload : folder.workloads) {
      workload.replicas = 1 + clock_.pick(3);
      workload.image = absl::StrCat("docker.io/shop/web:v", 1 + clock_.pick(4));
      workload.cpuMillis = 200;
      workload.surge = "1";
      workload.deadlineSeconds = 600;
    }
    push({name}, "the end");
  }
  open();
}

// What keeps plans back for longer than anybody can wait; approvals stay as they are.
void People::open() {
  for (auto& [name, policy] : policies_) {
    policy.windows.clear();
    policy.watchSeconds.reset();
    policy.ignoresReplicas = false;
    pushPolicy(name);
  }
  team_.windows.clear();
  team_.reviewers.insert("dia");
  // Something is new whatever there was before: a revision that was rejected is not asked for
  // again.
  team_.operators.insert("fay");
  pushTeam();
}

// All the while: what was stopped by somebody goes on, what waits is approved, and where nothing
// is automatic it is asked for.
void People::insist() {
  if (world_.controller() == nullptr) return;
  letGo();
  look();
  pushAgain();
  for (const auto& [name, folder] : folders_) {
    const auto* application = world_.view().find<schema::Application>({kSystemNamespace, name});
    if (application == nullptr) continue;
    const bool isSynced = application->status().sync() == "Synced";
    if (application->status().has_suspension()) resume(name, "ana");
    if (!isSynced) sync(name);
  }
}

// What a rollback has taken back that had begun before the end.
void People::pushAgain() {
  const support::FakeGit::Files& held =
      world_.git().filesOf(kUrl, world_.git().head(kUrl, kBranch));
  for (const auto& [name, folder] : folders_) {
    const support::FakeGit::Files wanted = filesOf(folder);
    const bool isThere = std::ranges::all_of(wanted, [&](const auto& file) {
      const auto found = held.find(file.first);
      return found != held.end() && found->second == file.second;
    });
    if (!isThere) return push({name}, "the end, again");
  }
}

void People::letGo() {
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
}

}  // namespace gantry::sim
