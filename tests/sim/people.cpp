// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/people.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"

namespace gantry::sim {

using base::Duration;

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
  policies_["production"].dependsOn = clock_.oneIn(3) ? "staging" : "";
}

void People::begin() {
  pushTeam();
  for (const auto& [name, policy] : policies_) pushPolicy(name);
  for (const auto& [name, folder] : folders_) push(name, "begin");
}

void People::act() {
  look();
  const int kind = clock_.pick(34);
  if (kind < 6) edit();
  if (kind == 6) mistake();
  if (kind == 7 || kind == 26 || kind == 27) changePolicy();
  if (kind >= 8 && kind < 11) approveStale();
  if (kind == 11 || kind == 12) sync(anyFolder());
  if (kind == 13 || kind == 14) rollBack();
  if (kind == 15) liftHold();
  if (kind >= 16 && kind < 19) operate();
  if (kind == 19) rollout(clock_.oneIn(2));
  if (kind >= 20 && kind < 26) meddle();
  if (kind == 28) changeTeam();
  if (kind == 29 || kind == 30) suspendOrResume();
  if (kind == 31) holdRevision();
  if (kind >= 32) overrideGates();
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
  const std::string by = person();
  const std::string id = world_.git().commit(kUrl, kBranch, edits, subject, by);
  clock_.note("git",
              absl::StrCat(by, " pushes to ", name, ": ", subject, " (", id.substr(0, 8), ")"));
}

void People::pushPolicy(const std::string& name) {
  const std::string yaml = applicationYaml(name, policies_.at(name));
  clock_.note("git",
              absl::StrCat("policy of ", name, ":\n", yaml.substr(yaml.find("  dependsOn"))));
  world_.git().commit(kUrl, kBranch, {{applicationFile(name), yaml}}, "policy");
}

void People::pushTeam() {
  const std::string yaml = teamYaml(team_);
  clock_.note("git", absl::StrCat("team:\n", yaml.substr(yaml.find("  roles"))));
  world_.git().commit(kUrl, kBranch, {{kTeamFile, yaml}}, "team");
}

void People::editWorkload(Workload& workload) {
  workload.deadlineSeconds = clock_.oneIn(3) ? 10 : 600;
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
  switch (clock_.pick(10)) {
    case 0:
      policy.prune = !policy.prune;
      break;
    case 1:
      policy.selfHeal = !policy.selfHeal;
      break;
    case 2:
      policy.automated = !policy.automated;
      break;
    case 3:
      policy.mostDeletions = clock_.oneIn(3) ? std::nullopt : std::optional(clock_.pick(2));
      break;
    case 4:
      policy.watchSeconds =
          policy.watchSeconds ? std::nullopt : std::optional(10 + clock_.pick(40));
      break;
    case 5:
      if (name == "production") policy.dependsOn = policy.dependsOn.empty() ? "staging" : "";
      break;
    case 6:
    case 7:
      policy.windows = anyWindows();
      break;
    default:
      changeApprovals(policy);
  }
  pushPolicy(name);
}

void People::changeApprovals(Policy& policy) {
  switch (clock_.pick(4)) {
    case 0:
      policy.expirySeconds = policy.expirySeconds > 0 ? 0 : 5 + clock_.pick(30);
      break;
    case 1:
      policy.authorMayApprove = !policy.authorMayApprove;
      break;
    case 2:
      policy.roles = clock_.oneIn(2)   ? std::vector<std::string>()
                     : clock_.oneIn(2) ? std::vector<std::string>{"reviewers"}
                                       : std::vector<std::string>{"owners", "reviewers"};
      break;
    default:
      policy.approvals = clock_.pick(3);
  }
}

// A run takes little more than a minute before its end: windows open and close in less.
std::vector<Window> People::anyWindows() {
  std::vector<Window> windows;
  for (int i = clock_.pick(3); i > 0; --i) {
    const char* const schedules[] = {"* * * * *", "*/2 * * * *", "1-59/2 * * * *"};
    windows.push_back(
        {clock_.oneIn(2), schedules[clock_.pick(3)], absl::StrCat(10 + clock_.pick(45), "s")});
  }
  return windows;
}

void People::changeTeam() {
  const std::string who = approver();
  std::set<std::string>& role = clock_.oneIn(2) ? team_.reviewers : team_.operators;
  if (role.erase(who) == 0) role.insert(who);
  team_.windows = clock_.oneIn(2) ? anyWindows() : std::vector<Window>();
  // It is the root's as well: two that are never open together would be there to stay.
  if (team_.windows.size() > 1) team_.windows.pop_back();
  pushTeam();
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
      workload.deadlineSeconds = 600;
    }
    push(name, "the end");
  }
  open();
}

// What keeps plans back for longer than anybody can wait; approvals stay as they are.
void People::open() {
  for (auto& [name, policy] : policies_) {
    policy.windows.clear();
    policy.watchSeconds.reset();
    pushPolicy(name);
  }
  team_.windows.clear();
  team_.reviewers.insert("dia");
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
    if (!isThere) return push(name, "the end, again");
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
