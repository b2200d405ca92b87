// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/health.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "controller/delivery/objects.h"
#include "controller/workloads/deployment.h"
#include "controller/workloads/job.h"
#include "controller/workloads/revisions.h"
#include "controller/workloads/shortfall.h"

namespace gantry::delivery {
namespace {

enum class Level { kHealthy, kSuspended, kProgressing, kMissing, kDegraded };

constexpr std::array kNames = {"Healthy", "Suspended", "Progressing", "Missing", "Degraded"};

struct Verdict {
  Level level = Level::kHealthy;
  std::string message;
  std::optional<base::Timestamp> changesAt = {};
};

/// Those of the ReplicaSet that the Deployment rolls out.
std::vector<model::Ptr<model::Pod>> newestPods(const schema::Deployment& deployment,
                                               const model::State& state) {
  const auto sets = state.replicaSetsOwnedBy(deployment.metadata().uid());
  const auto newest = std::ranges::max_element(
      sets, {}, [](const auto& set) { return workloads::revisionOf(*set); });
  if (newest == sets.end()) return {};
  return state.podsOwnedBy((*newest)->metadata().uid());
}

Verdict deploymentHealth(const schema::Deployment& deployment, const model::State& state,
                         base::Timestamp now) {
  if (deployment.status().observed_generation() < deployment.metadata().generation()) {
    return {Level::kProgressing, "the newest revision is not rolled out yet"};
  }
  const std::vector<model::Ptr<model::Pod>> pods = newestPods(deployment, state);
  std::vector<workloads::PodReport> reports;
  for (const model::Ptr<model::Pod>& pod : pods) reports.push_back({pod->name, *pod->status});
  const workloads::RolloutState rollout = workloads::rolloutState(deployment, reports);
  using Phase = workloads::RolloutState::Phase;
  switch (rollout.phase) {
    case Phase::kComplete:
      return {};
    case Phase::kPaused:
      return {Level::kSuspended, rollout.message};
    case Phase::kProgressing: {
      workloads::Shortfall lack = workloads::shortfallOf(deployment, pods, state, now);
      if (lack.isFault) return {Level::kDegraded, std::move(lack.message)};
      return {Level::kProgressing, rollout.message, lack.changesAt};
    }
    case Phase::kFailed:
      return {Level::kDegraded, rollout.message};
  }
  return {};
}

Verdict replicaSetHealth(const schema::ReplicaSet& set) {
  const int wanted = set.spec().replicas();
  if (set.status().observed_generation() >= set.metadata().generation() &&
      set.status().available_replicas() >= wanted) {
    return {};
  }
  return {Level::kProgressing,
          absl::StrCat(set.status().available_replicas(), " of ", wanted, " pods are available")};
}

Verdict jobHealth(const schema::Job& job, const model::State& all) {
  workloads::JobState state = workloads::jobState(job);
  using Phase = workloads::JobState::Phase;
  switch (state.phase) {
    case Phase::kComplete:
      return {};
    case Phase::kSuspended:
      return {Level::kSuspended, std::move(state.message)};
    case Phase::kActive: {
      const std::string why = workloads::failureAmong(all.podsOwnedBy(job.metadata().uid()));
      return {Level::kProgressing, absl::StrCat(state.message, why.empty() ? "" : ": ", why)};
    }
    case Phase::kFailed:
      return {Level::kDegraded, std::move(state.message)};
  }
  return {};
}

Verdict podHealth(const model::Pod& pod) {
  if (pod.phase == model::PodPhase::kFailed) return {Level::kDegraded, pod.status->message()};
  if (pod.phase == model::PodPhase::kSucceeded || model::isReady(pod)) return {};
  return {Level::kProgressing, "the pod is not ready"};
}

Verdict objectHealth(const manifests::ObjectKey& key, const model::State& state,
                     base::Timestamp now) {
  const model::Name name{key.ns, key.name};
  if (key.kind == "Deployment") {
    const schema::Deployment* deployment = state.deployments.find(name);
    if (deployment != nullptr) return deploymentHealth(*deployment, state, now);
  } else if (key.kind == "ReplicaSet") {
    const schema::ReplicaSet* set = state.replicaSets.find(name);
    if (set != nullptr) return replicaSetHealth(*set);
  } else if (key.kind == "Job") {
    const schema::Job* job = state.jobs.find(name);
    if (job != nullptr) return jobHealth(*job, state);
  } else if (key.kind == "Pod") {
    const model::Pod* pod = state.pods.find(name);
    if (pod != nullptr) return podHealth(*pod);
  } else if (findObject(state, key) != nullptr) {
    return {};
  }
  return {Level::kMissing, "it does not exist"};
}

}  // namespace

Health healthOf(const schema::Application& application, const model::State& state,
                base::Timestamp now) {
  if (application.status().inventory().empty()) {
    return {kNames[static_cast<int>(Level::kMissing)], "nothing is applied yet", {}};
  }
  Verdict worst;
  std::optional<base::Timestamp> changesAt;
  for (const schema::InventoryItem& item : application.status().inventory()) {
    const manifests::ObjectKey key{item.kind(), item.namespace_(), item.name()};
    Verdict verdict = objectHealth(key, state, now);
    if (verdict.changesAt && (!changesAt || *verdict.changesAt < *changesAt)) {
      changesAt = verdict.changesAt;
    }
    if (verdict.level <= worst.level) continue;
    worst = {verdict.level, absl::StrCat(key.toString(), ": ", verdict.message)};
  }
  return {kNames[static_cast<int>(worst.level)], std::move(worst.message), changesAt};
}

Health healthOf(const manifests::ObjectKey& key, const model::State& state, base::Timestamp now) {
  Verdict verdict = objectHealth(key, state, now);
  return {kNames[static_cast<int>(verdict.level)], std::move(verdict.message), verdict.changesAt};
}

}  // namespace gantry::delivery
