// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/sim/people/people.h"

namespace gantry::sim {

void People::push(const std::vector<std::string>& names, const std::string& subject) {
  support::FakeGit::Edits edits;
  const std::string head = world_.git().head(kUrl, kBranch);
  for (const std::string& name : names) {
    const support::FakeGit::Files wanted = filesOf(folders_.at(name));
    for (const auto& [file, text] : world_.git().filesOf(kUrl, head)) {
      if (file.starts_with(name + "/") && !wanted.contains(file)) edits[file] = std::nullopt;
    }
    for (const auto& [file, text] : wanted) edits[file] = text;
  }
  const std::string by = person();
  const std::string id = world_.git().commit(kUrl, kBranch, edits, subject, by);
  clock_.note("git", absl::StrCat(by, " pushes to ", absl::StrJoin(names, ", "), ": ", subject,
                                  " (", id.substr(0, 8), ")"));
}

void People::edit(const std::string& name) {
  Folder& folder = folders_.at(name);
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
  const int count = static_cast<int>(folder.workloads.size());
  editWorkload(folder.workloads.at(static_cast<std::size_t>(clock_.pick(count))));
  if (clock_.oneIn(3)) folder.hasLab = !folder.hasLab;
  if (hasHooks_ && clock_.oneIn(2)) editHooks(folder);
  push({folder.name}, absl::StrCat("edit ", ++pushes_));
}

// One commit for all of them, as where they share a base.
void People::release() {
  std::vector<std::string> names;
  for (auto& [name, folder] : folders_) {
    folder.isBroken = false;
    names.push_back(name);
  }
  Workload& first = folders_.begin()->second.workloads.front();
  editWorkload(first);
  for (auto& [name, folder] : folders_) folder.workloads.front() = first;
  push(names, absl::StrCat("release ", ++pushes_));
}

void People::editWorkload(Workload& workload) {
  workload.deadlineSeconds = clock_.oneIn(3) ? 10 : 600;
  if (clock_.oneIn(12)) workload.wave = clock_.pick(3);
  if (clock_.oneIn(6)) {
    const char* const keeps[] = {"", "minAvailable: 1", "minAvailable: 60%", "maxUnavailable: 1",
                                 "maxUnavailable: 30%"};
    workload.keeps = keeps[clock_.pick(5)];
  }
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

void People::editHooks(Folder& folder) {
  struct Kind {
    const char* name;
    const char* phase;
    int wave;
  };
  const Kind kinds[] = {{"migrate", "PreSync", 0},
                        {"check", "PreSync", 1},
                        {"tell", "PostSync", 0},
                        {"alarm", "SyncFail", 0}};
  for (const Kind& kind : kinds) {
    if (clock_.oneIn(2)) continue;
    folder.hooks.erase(kind.name);
    if (clock_.oneIn(3)) continue;
    const char* const images[] = {kDoneImage, kDoneImage, kDoneImage, kFailingImage, kHangingImage};
    folder.hooks[kind.name] = {kind.phase, kind.wave, images[clock_.pick(5)], clock_.oneIn(3)};
  }
}

void People::mistake() {
  const std::string name = anyFolder();
  const std::string head = world_.git().head(kUrl, kBranch);
  switch (clock_.pick(3)) {
    case 0: {
      folders_.at(name).isBroken = true;
      return push({name}, "a mistake");
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

}  // namespace gantry::sim
