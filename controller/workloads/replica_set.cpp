// SPDX-License-Identifier: Apache-2.0
#include "controller/workloads/replica_set.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/workloads/victims.h"

namespace gantry::workloads {
namespace {

using Pods = std::vector<model::Ptr<model::Pod>>;

// Ended pods that stay, so that a person can read their logs and exit codes.
constexpr std::size_t kEndedKept = 3;

base::Duration minReadyOf(const schema::ReplicaSet& set) {
  return base::Duration(1000LL * set.spec().min_ready_seconds());
}

// A ReplicaSet that is going away wants none.
int wantedOf(const schema::ReplicaSet& set) {
  if (set.metadata().has_deletion_timestamp()) return 0;
  return set.spec().has_replicas() ? set.spec().replicas() : 1;
}

Pods activeOf(const Pods& pods) {
  Pods active;
  std::ranges::copy_if(pods, std::back_inserter(active),
                       [](const auto& pod) { return model::isActive(*pod); });
  return active;
}

// A pod that leaves when its replacement is available holds no replica's place any more.
Pods stayingOf(const Pods& active) {
  Pods staying;
  std::ranges::copy_if(active, std::back_inserter(staying),
                       [](const auto& pod) { return !pod->leaving; });
  return staying;
}

bool hasTemplateLabels(const schema::ReplicaSet& set, const model::Pod& pod) {
  return std::ranges::all_of(set.spec().template_().metadata().labels(), [&](const auto& label) {
    const auto found = pod.labels().find(label.first);
    return found != pod.labels().end() && found->second == label.second;
  });
}

void count(const ReplicaSetInputs& in, const Pods& active, schema::ReplicaSetStatus& status) {
  const base::Duration minReady = minReadyOf(in.replicaSet);
  int labeled = 0, ready = 0, available = 0;
  for (const auto& pod : active) {
    labeled += hasTemplateLabels(in.replicaSet, *pod);
    ready += model::isReady(*pod);
    available += model::isAvailable(*pod, minReady, in.now);
  }
  status.set_replicas(static_cast<int>(active.size()));
  status.set_fully_labeled_replicas(labeled);
  status.set_ready_replicas(ready);
  status.set_available_replicas(available);
  status.set_observed_generation(in.replicaSet.metadata().generation());
}

void deleteSurplus(const ReplicaSetInputs& in, const Pods& active, std::size_t wanted,
                   ReplicaSetPlan& plan) {
  if (active.size() <= wanted) return;
  const Pods order = victimOrder(active, minReadyOf(in.replicaSet), in.now);
  const std::string reason = in.replicaSet.metadata().has_deletion_timestamp()
                                 ? "its ReplicaSet is deleted"
                                 : absl::StrCat("scaled down from ", active.size(), " to ", wanted);
  for (std::size_t i = 0; i < active.size() - wanted; ++i) {
    plan.deletions.push_back({{order[i]->ns, order[i]->name}, reason});
  }
}

void deleteOldEnded(const Pods& pods, std::size_t kept, ReplicaSetPlan& plan) {
  Pods ended;
  std::ranges::copy_if(pods, std::back_inserter(ended), [](const auto& pod) {
    return !pod->deletedAt && pod->phase >= model::PodPhase::kSucceeded;
  });
  std::ranges::sort(ended, [](const auto& a, const auto& b) {
    return a->createdAt != b->createdAt ? a->createdAt > b->createdAt : a->name < b->name;
  });
  for (std::size_t i = kept; i < ended.size(); ++i) {
    plan.deletions.push_back(
        {{ended[i]->ns, ended[i]->name}, absl::StrCat("ended; the last ", kept, " are kept")});
  }
}

}  // namespace

std::optional<base::Timestamp> nextAvailable(const model::Pod& pod, base::Duration minReady,
                                             base::Timestamp now) {
  if (!model::isReady(pod) || model::isAvailable(pod, minReady, now)) return std::nullopt;
  const schema::Condition& ready = *model::findCondition(*pod.status, "Ready");
  return base::fromUnixMs(ready.last_transition_time().unix_ms()) + minReady;
}

ReplicaSetPlan planReplicaSet(const ReplicaSetInputs& inputs) {
  ReplicaSetPlan plan;
  const Pods active = activeOf(inputs.pods);
  plan.status = inputs.replicaSet.status();
  count(inputs, active, plan.status);

  const auto wanted = static_cast<std::size_t>(std::max(0, wantedOf(inputs.replicaSet)));
  const Pods counted = wanted == 0 ? active : stayingOf(active);
  if (counted.size() < wanted) {
    plan.create = static_cast<int>(wanted - counted.size());
    plan.createReason = absl::StrCat(counted.size(), " of ", wanted, " replicas are there");
  } else {
    deleteSurplus(inputs, counted, wanted, plan);
  }
  deleteOldEnded(inputs.pods, wanted == 0 ? 0 : kEndedKept, plan);

  for (const auto& pod : active) {
    const auto at = nextAvailable(*pod, minReadyOf(inputs.replicaSet), inputs.now);
    if (at && (!plan.revisitAt || *at < *plan.revisitAt)) plan.revisitAt = at;
  }
  return plan;
}

}  // namespace gantry::workloads
