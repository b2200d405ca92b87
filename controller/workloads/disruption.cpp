// SPDX-License-Identifier: Apache-2.0
#include "controller/workloads/disruption.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "controller/workloads/int_or_percent.h"

namespace gantry::workloads {
namespace {

int replicasOf(const auto& spec) {
  return spec.has_replicas() ? spec.replicas() : 1;
}

/// What stands behind a pod, and how many pods that wants to have: the Deployment of its
/// ReplicaSet, the ReplicaSet itself, else the pod.
struct Wish {
  std::string uid;
  int pods = 1;
};

Wish wishBehind(const model::Pod& pod, const model::State& state) {
  const schema::ReplicaSet* set = state.replicaSets.find({pod.ns, pod.ownerName});
  const bool isSets =
      pod.ownerKind == "ReplicaSet" && set != nullptr && set->metadata().uid() == pod.ownerUid;
  if (!isSets) return {pod.uid, 1};
  for (const schema::OwnerReference& owner : set->metadata().owner_references()) {
    const schema::Deployment* deployment = state.deployments.find({pod.ns, owner.name()});
    if (deployment != nullptr && deployment->metadata().uid() == owner.uid()) {
      return {owner.uid(), replicasOf(deployment->spec())};
    }
  }
  return {pod.ownerUid, replicasOf(set->spec())};
}

bool isHealthy(const model::Pod& pod) {
  return !pod.deletedAt && model::isReady(pod);
}

/// A pod that runs and is not Ready is only in the way of those that are.
bool mayGoUnhealthy(const schema::PodDisruptionBudget& budget,
                    const schema::PodDisruptionBudgetStatus& status) {
  return budget.spec().unhealthy_pod_eviction_policy() == "AlwaysAllow" ||
         status.current_healthy() >= status.desired_healthy();
}

}  // namespace

bool selects(const schema::PodDisruptionBudget& budget, const std::string& ns,
             const manifests::Labels& labels) {
  return budget.metadata().namespace_() == ns && budget.spec().has_selector() &&
         manifests::matches(budget.spec().selector(), labels);
}

int desiredHealthy(const schema::PodDisruptionBudgetSpec& spec, int expected) {
  if (spec.has_max_unavailable()) {
    return std::max(0, expected - resolve(spec.max_unavailable(), expected, true));
  }
  return spec.has_min_available() ? resolve(spec.min_available(), expected, true) : 1;
}

schema::PodDisruptionBudgetStatus disruptionStatus(const schema::PodDisruptionBudget& budget,
                                                   const model::State& state) {
  int healthy = 0;
  int expected = 0;
  std::set<std::string> counted;
  for (const auto& pod : state.pods.inNamespace(budget.metadata().namespace_())) {
    if (pod->phase >= model::PodPhase::kSucceeded || !selects(budget, pod->ns, pod->labels())) {
      continue;
    }
    healthy += isHealthy(*pod);
    const Wish wish = wishBehind(*pod, state);
    if (counted.insert(wish.uid).second) expected += wish.pods;
  }
  schema::PodDisruptionBudgetStatus status;
  status.set_current_healthy(healthy);
  status.set_expected_pods(expected);
  status.set_desired_healthy(desiredHealthy(budget.spec(), expected));
  status.set_disruptions_allowed(expected == 0 ? 0
                                               : std::max(0, healthy - status.desired_healthy()));
  return status;
}

std::string describe(const InTheWay& budget) {
  return absl::StrCat("PodDisruptionBudget ", budget.budget, " ", budget.explanation);
}

std::vector<InTheWay> Disruptions::take(const model::Pod& pod) {
  // What has not begun to run, or has ended, is missed by nobody.
  if (!model::isActive(pod) || pod.phase != model::PodPhase::kRunning) return {};
  std::vector<Budget*> ofPod;
  std::vector<InTheWay> inTheWay;
  for (Budget& budget : budgetsOf(pod.ns)) {
    if (!selects(*budget.object, pod.ns, pod.labels())) continue;
    ofPod.push_back(&budget);
    const schema::PodDisruptionBudgetStatus& status = budget.status;
    const bool allowed =
        isHealthy(pod) ? status.disruptions_allowed() > 0 : mayGoUnhealthy(*budget.object, status);
    if (allowed) continue;
    const int healthy = status.current_healthy();
    inTheWay.push_back(
        {absl::StrCat(pod.ns, "/", budget.object->metadata().name()),
         absl::StrCat("keeps ", status.desired_healthy(), " of ", status.expected_pods(), " pods, ",
                      healthy, healthy == 1 ? " is Ready" : " are Ready")});
  }
  if (!inTheWay.empty() || !isHealthy(pod)) return inTheWay;
  for (Budget* budget : ofPod) {
    budget->status.set_disruptions_allowed(budget->status.disruptions_allowed() - 1);
    budget->status.set_current_healthy(budget->status.current_healthy() - 1);
  }
  return {};
}

std::vector<Disruptions::Budget>& Disruptions::budgetsOf(const std::string& ns) {
  const auto [found, isNew] = byNamespace_.try_emplace(ns);
  if (!isNew) return found->second;
  for (const auto& budget : state_.disruptionBudgets.inNamespace(ns)) {
    found->second.push_back({budget, disruptionStatus(*budget, state_)});
  }
  return found->second;
}

}  // namespace gantry::workloads
