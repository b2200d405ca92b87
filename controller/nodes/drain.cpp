// SPDX-License-Identifier: Apache-2.0
#include "controller/nodes/drain.h"

#include <algorithm>

namespace gantry::nodes {
namespace {

int replicasOf(const auto& spec) {
  return spec.has_replicas() ? spec.replicas() : 1;
}

PodGroup::Set setOf(const model::State& state, const schema::ReplicaSet& set) {
  return {replicasOf(set.spec()), state.podsOwnedBy(set.metadata().uid())};
}

/// What of a group is there, and what will be when decisions that are made have been carried out.
struct Count {
  int available = 0;
  int occupied = 0;
};

Count count(const PodGroup& group, base::Timestamp now) {
  Count sum;
  for (const PodGroup::Set& set : group.sets) {
    int active = 0, leaving = 0, staying = 0, leavingAvailable = 0;
    for (const auto& pod : set.pods) {
      if (!model::isActive(*pod)) continue;
      ++active;
      leaving += pod->leaving;
      const bool available = model::isAvailable(*pod, group.minReady, now);
      (pod->leaving ? leavingAvailable : staying) += available;
    }
    sum.available += std::min(staying, set.desired) + leavingAvailable;
    sum.occupied += std::max(set.desired + leaving, active);
  }
  return sum;
}

std::optional<base::Timestamp> nextAvailable(const PodGroup& group, base::Timestamp now) {
  std::optional<base::Timestamp> next;
  for (const PodGroup::Set& set : group.sets) {
    for (const auto& pod : set.pods) {
      if (!model::isReady(*pod) || model::isAvailable(*pod, group.minReady, now)) continue;
      const auto& ready = *model::findCondition(*pod->status, "Ready");
      const auto at = base::fromUnixMs(ready.last_transition_time().unix_ms()) + group.minReady;
      next = std::min(next.value_or(at), at);
    }
  }
  return next;
}

}  // namespace

DrainStep planDrain(const PodGroup& group, const std::string& node, base::Timestamp now,
                    workloads::Disruptions& budgets) {
  DrainStep step;
  const auto letGo = [&](const model::Ptr<model::Pod>& pod) {
    std::vector<workloads::InTheWay> inTheWay = budgets.take(*pod);
    if (inTheWay.empty()) step.deletions.push_back(pod);
    std::ranges::move(inTheWay, std::back_inserter(step.inTheWay));
    return inTheWay.empty();
  };
  std::vector<model::Ptr<model::Pod>> needed;
  for (const PodGroup::Set& set : group.sets) {
    for (const auto& pod : set.pods) {
      if (pod->nodeName != node || pod->deletedAt) continue;
      if (model::isAvailable(*pod, group.minReady, now)) {
        needed.push_back(pod);
      } else {
        letGo(pod);
      }
    }
  }
  // Those whose replacement was asked for go first.
  std::ranges::stable_sort(needed, std::greater(), &model::Pod::leaving);
  const Count seen = count(group, now);
  int spare = seen.available - std::max(0, group.desired - group.posts.unavailable);
  int room = group.desired + group.posts.surge - seen.occupied;
  // One at a time per decision of a kind: a pod that may go needs no replacement first.
  for (const auto& pod : needed) {
    if (spare > 0 && letGo(pod)) {
      --spare;
    } else if (!pod->leaving && room > 0) {
      step.leaving.push_back(pod);
      --room;
    }
  }
  step.revisitAt = nextAvailable(group, now);
  return step;
}

PodGroup groupOf(const model::State& state, const schema::Deployment& deployment) {
  PodGroup group;
  group.desired = replicasOf(deployment.spec());
  group.posts = deployment.spec().strategy().type() == "Recreate"
                    ? workloads::FencePosts{.surge = 0, .unavailable = 1}
                    : workloads::resolveFencePosts(deployment.spec());
  group.minReady = std::chrono::seconds(deployment.spec().min_ready_seconds());
  for (const auto& set : state.replicaSetsOwnedBy(deployment.metadata().uid())) {
    group.sets.push_back(setOf(state, *set));
  }
  return group;
}

PodGroup groupOf(const model::State& state, const schema::ReplicaSet& set) {
  PodGroup group;
  group.desired = replicasOf(set.spec());
  group.posts = {.surge = 1, .unavailable = 0};
  group.minReady = std::chrono::seconds(set.spec().min_ready_seconds());
  group.sets.push_back(setOf(state, set));
  return group;
}

}  // namespace gantry::nodes
