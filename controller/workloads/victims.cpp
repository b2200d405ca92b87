// SPDX-License-Identifier: Apache-2.0
#include "controller/workloads/victims.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/numbers.h"

namespace gantry::workloads {
namespace {

constexpr char kDeletionCost[] = "controller.kubernetes.io/pod-deletion-cost";

int deletionCost(const model::Pod& pod) {
  const auto& annotations = pod.shape->metadata().annotations();
  const auto found = annotations.find(kDeletionCost);
  int cost = 0;
  // What is not a number costs nothing, as in Kubernetes.
  if (found == annotations.end() || !absl::SimpleAtoi(found->second, &cost)) return 0;
  return cost;
}

int restarts(const model::Pod& pod) {
  int most = 0;
  for (const schema::ContainerStatus& container : pod.status->container_statuses()) {
    most = std::max(most, container.restart_count());
  }
  return most;
}

std::int64_t readySince(const model::Pod& pod) {
  const schema::Condition* ready = model::findCondition(*pod.status, "Ready");
  return ready == nullptr ? 0 : ready->last_transition_time().unix_ms();
}

// The smaller, the sooner it goes.
auto rankOf(const model::Pod& pod, int podsOnNode, base::Duration minReady, base::Timestamp now) {
  return std::tuple(!pod.nodeName.empty(), pod.phase, model::isReady(pod),
                    model::isAvailable(pod, minReady, now), deletionCost(pod), -podsOnNode,
                    -readySince(pod), -restarts(pod), -base::toUnixMs(pod.createdAt), pod.name);
}

}  // namespace

std::vector<model::Ptr<model::Pod>> victimOrder(std::vector<model::Ptr<model::Pod>> activePods,
                                                base::Duration minReady, base::Timestamp now) {
  std::map<std::string, int> onNode;
  for (const auto& pod : activePods) ++onNode[pod->nodeName];
  using Rank = decltype(rankOf(*activePods.front(), 0, minReady, now));
  std::vector<std::pair<Rank, model::Ptr<model::Pod>>> ranked;
  ranked.reserve(activePods.size());
  for (auto& pod : activePods) {
    Rank rank = rankOf(*pod, onNode[pod->nodeName], minReady, now);
    ranked.emplace_back(std::move(rank), std::move(pod));
  }
  std::ranges::sort(ranked, {}, [](const auto& entry) -> const Rank& { return entry.first; });
  std::ranges::transform(ranked, activePods.begin(),
                         [](auto& entry) { return std::move(entry.second); });
  return activePods;
}

}  // namespace gantry::workloads
