// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/people/people.h"

#include <iterator>

namespace gantry::sim {

using base::Duration;

People::People(World& world)
    : world_(world),
      clock_(world.clock()),
      isPipeline_(clock_.oneIn(4)),
      hasHooks_(clock_.oneIn(3)) {
  for (const char* name : {"dev", "production", "staging"}) {
    const bool isDev = std::string_view(name) == "dev";
    if (isDev && !isPipeline_) continue;
    Folder& folder = folders_[name];
    folder.name = name;
    for (const char* workload : {"front", "back"}) {
      if (isPipeline_ && std::string_view(workload) == "back") continue;
      folder.workloads.emplace_back().name = workload;
      editWorkload(folder.workloads.back());
      folder.workloads.back().image = "docker.io/shop/web:v1";
      folder.workloads.back().wave = clock_.oneIn(6) ? clock_.pick(3) : 0;
    }
    if (hasHooks_) editHooks(folder);
    folder.hasLab = clock_.oneIn(2);
    policies_[name].selfHeal = clock_.oneIn(2);
    policies_[name].retries = clock_.pick(4);
  }
  Policy& production = policies_["production"];
  production.approvals = isPipeline_ ? clock_.pick(2) : 1 + clock_.pick(2);
  production.automated = !clock_.oneIn(3);
  production.prune = clock_.oneIn(2);
  production.dependsOn = clock_.oneIn(3) ? "staging" : "";
  if (!isPipeline_) return;
  production.promotedFrom = "staging";
  production.soakSeconds = clock_.pick(15);
  policies_["staging"].promotedFrom = "dev";
  policies_["staging"].soakSeconds = clock_.pick(10);
}

void People::begin() {
  pushTeam();
  for (const auto& [name, policy] : policies_) pushPolicy(name);
  for (const auto& [name, folder] : folders_) push({name}, "begin");
}

void People::act() {
  look();
  const int kind = clock_.pick(36);
  if (kind < 6) isPipeline_ && !clock_.oneIn(4) ? release() : edit(anyFolder());
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
