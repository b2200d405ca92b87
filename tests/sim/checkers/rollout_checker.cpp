// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/rollout_checker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/health.h"

namespace gantry::sim {
namespace {

using model::Pod;

bool counts(const Pod& pod) {
  const std::string& phase = pod.status->phase();
  return !pod.deletedAt && phase != "Succeeded" && phase != "Failed";
}

bool serves(const Pod& pod, const schema::Deployment& deployment, base::Timestamp now) {
  if (!counts(pod)) return false;
  for (const schema::Condition& condition : pod.status->conditions()) {
    if (condition.type() != "Ready") continue;
    const std::int64_t since = condition.last_transition_time().unix_ms();
    return condition.status() == "True" &&
           since + 1000LL * deployment.spec().min_ready_seconds() <= base::toUnixMs(now);
  }
  return false;
}

/// maxSurge counts upwards and maxUnavailable downwards, as Kubernetes says; 25% if not set.
int amount(bool isSet, const schema::IntOrString& value, int replicas, bool up) {
  if (isSet && value.value_case() == schema::IntOrString::kNumber) return value.number();
  const double percent = isSet ? std::stod(value.text()) : 25;
  const double exact = percent * replicas / 100;
  const int whole = static_cast<int>(exact);
  return up && exact > whole ? whole + 1 : whole;
}

/// Taken because its node is to be empty: not what its ReplicaSet would have chosen.
bool isDrained(const Pod* pod) {
  return pod != nullptr &&
         pod->deletionReason == absl::StrCat("node ", pod->nodeName, " is drained");
}

}  // namespace

void RolloutChecker::learnOwners(const Commit& commit) {
  for (const Touched& touched : commit.touched) {
    if (const auto* set = Touched::in<schema::ReplicaSet>(touched.after)) {
      for (const schema::OwnerReference& owner : set->metadata().owner_references()) {
        deploymentUids_[set->metadata().uid()] = owner.uid();
        deployed_[owner.uid()].name = {set->metadata().namespace_(), owner.name()};
      }
    }
  }
}

RolloutChecker::Deployed* RolloutChecker::touchedOf(const Touched& touched) {
  for (const model::AnyObject* side : {&touched.after, &touched.before}) {
    std::string uid;
    if (const auto* pod = Touched::in<Pod>(*side)) {
      uid = deploymentUids_[pod->ownerUid];
    } else if (const auto* set = Touched::in<schema::ReplicaSet>(*side)) {
      uid = deploymentUids_[set->metadata().uid()];
    } else if (const auto* deployment = Touched::in<schema::Deployment>(*side)) {
      uid = deployment->metadata().uid();
    }
    if (const auto found = deployed_.find(uid); found != deployed_.end()) return &found->second;
  }
  return nullptr;
}

std::optional<std::string> RolloutChecker::check(const Commit& commit) {
  learnOwners(commit);
  std::map<model::Name, Deployed*> changed;
  for (const Touched& touched : commit.touched) {
    if (Deployed* deployed = touchedOf(touched)) changed[deployed->name] = deployed;
  }
  for (const auto& [name, deployed] : changed) {
    if (auto broken = judge(commit, *deployed)) {
      return absl::StrCat(name.ns, "/", name.name, " ", *broken);
    }
  }
  return std::nullopt;
}

bool RolloutChecker::isOf(const std::string& setUid, const schema::Deployment& deployment) const {
  const auto owner = deploymentUids_.find(setUid);
  return owner != deploymentUids_.end() && owner->second == deployment.metadata().uid();
}

RolloutChecker::Counts RolloutChecker::count(const Commit& commit,
                                             const schema::Deployment& deployment) const {
  Counts sets;
  for (const auto& [name, set] : commit.view.table<schema::ReplicaSet>()) {
    if (!isOf(set->metadata().uid(), deployment)) continue;
    SetCount& sum = sets[set->metadata().uid()];
    sum.size = sum.sizeBefore = set->spec().replicas();
  }
  for (const auto& [name, pod] : commit.view.table<Pod>()) {
    if (!isOf(pod->ownerUid, deployment) || !counts(*pod)) continue;
    SetCount& sum = sets[pod->ownerUid];
    ++sum.active;
    sum.staying += !pod->leaving;
    sum.available += serves(*pod, deployment, commit.now);
  }
  for (const Touched& touched : commit.touched) {
    const auto* set = Touched::in<schema::ReplicaSet>(touched.before);
    if (set == nullptr || !isOf(set->metadata().uid(), deployment)) continue;
    sets[set->metadata().uid()].sizeBefore = set->spec().replicas();
  }
  countTaken(commit, deployment, sets);
  return sets;
}

void RolloutChecker::countTaken(const Commit& commit, const schema::Deployment& deployment,
                                Counts& sets) const {
  for (const Touched& touched : commit.touched) {
    const auto* before = Touched::in<Pod>(touched.before);
    const auto* after = Touched::in<Pod>(touched.after);
    if (before == nullptr || !isOf(before->ownerUid, deployment)) continue;
    const bool isTaken = after == nullptr || (after->deletedAt && !before->deletedAt);
    // What a lost node takes with it is not our doing.
    if (!isTaken || !serves(*before, deployment, commit.now) ||
        !isNodeReady(commit.view, before->nodeName)) {
      continue;
    }
    SetCount& set = sets[before->ownerUid];
    ++set.taken;
    if (before->leaving || set.staying < set.size || isDrained(after)) set.needed = before;
  }
}

RolloutChecker::Bounds RolloutChecker::boundsOf(const schema::DeploymentSpec& spec) {
  const int replicas = spec.replicas();
  // It takes all pods before it makes new ones.
  if (spec.strategy().type() == "Recreate") return {replicas, 0};
  const schema::RollingUpdateDeployment& rolling = spec.strategy().rolling_update();
  const int surge = amount(rolling.has_max_surge(), rolling.max_surge(), replicas, true);
  int unavailable =
      amount(rolling.has_max_unavailable(), rolling.max_unavailable(), replicas, false);
  if (surge == 0 && unavailable == 0) unavailable = 1;
  return {replicas + surge, replicas - unavailable};
}

std::optional<std::string> RolloutChecker::judge(const Commit& commit, Deployed& deployed) {
  const auto* deployment = commit.view.find<schema::Deployment>(deployed.name);
  const auto* ns = commit.view.find<schema::Namespace>({"", deployed.name.ns});
  if (deployment == nullptr || (ns != nullptr && ns->metadata().has_deletion_timestamp())) {
    deployed.pods = 0;
    return std::nullopt;
  }
  const Bounds bounds = boundsOf(deployment->spec());
  const Counts sets = count(commit, *deployment);
  if (auto broken = judgeMost(deployed, bounds.mostPods, sets)) return broken;
  return judgeLeast(bounds.leastAvailable, sets);
}

std::optional<std::string> RolloutChecker::judgeMost(Deployed& deployed, int most,
                                                     const Counts& sets) {
  int pods = 0, leaving = 0;
  for (const auto& [uid, set] : sets) {
    pods += std::max(set.active, set.size + set.active - set.staying);
    leaving += set.active - set.staying;
  }
  const int before = std::exchange(deployed.pods, pods);
  // What was replaced on a node that is drained, when the spec left room for it, is on its way out.
  most += std::min(leaving, std::exchange(deployed.leaving, leaving));
  // What a smaller spec makes too many has a moment to go; it may not grow.
  if (pods <= before || pods <= most) return std::nullopt;
  return absl::StrCat("is to have ", pods, " pods, more than replicas + surge: ", most);
}

std::optional<std::string> RolloutChecker::judgeLeast(int least, const Counts& sets) {
  int kept = 0, keptBefore = 0, available = 0;
  const Pod* needed = nullptr;
  for (const auto& [uid, set] : sets) {
    kept += std::min(set.size, set.available + set.taken);
    keptBefore += std::min(set.sizeBefore, set.available + set.taken);
    available += set.available;
    if (set.needed != nullptr) needed = set.needed;
    if (set.needed == nullptr && set.available < std::min(set.size, set.available + set.taken)) {
      return "took a pod that was available before one that was not";
    }
  }
  const std::string bound =
      absl::StrCat(" available pods, fewer than replicas - unavailable: ", least);
  if (kept < keptBefore && kept < least) {
    return absl::StrCat("was made to keep ", kept, bound);
  }
  if (needed == nullptr || available >= least) return std::nullopt;
  return absl::StrCat("has ", available, bound, ", because ", needed->name, " was taken");
}

}  // namespace gantry::sim
