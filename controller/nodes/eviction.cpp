// SPDX-License-Identifier: Apache-2.0
#include "controller/nodes/eviction.h"

#include <algorithm>

namespace gantry::nodes {
namespace {

constexpr char kUnreachable[] = "node.kubernetes.io/unreachable";

bool toleratesLoss(const schema::Toleration& toleration) {
  const bool exists = toleration.operator_() == "Exists";
  const bool key = toleration.key() == kUnreachable || (toleration.key().empty() && exists);
  const bool effect = toleration.effect().empty() || toleration.effect() == "NoExecute";
  return key && effect && (exists || toleration.value().empty());
}

}  // namespace

bool mayEvict(std::size_t lostNodes, std::size_t allNodes) {
  return lostNodes < allNodes && lostNodes * 100 <= allNodes * 55;
}

std::optional<base::Duration> evictionDelay(const model::Pod& pod, base::Duration usual) {
  if (pod.ownerUid.empty()) return std::nullopt;
  std::optional<base::Duration> shortest;
  bool tolerated = false;
  for (const schema::Toleration& toleration : pod.shape->spec().tolerations()) {
    if (!toleratesLoss(toleration)) continue;
    tolerated = true;
    if (!toleration.has_toleration_seconds()) continue;
    const auto seconds = std::max<std::int64_t>(0, toleration.toleration_seconds());
    const base::Duration delay = std::chrono::seconds(seconds);
    shortest = std::min(shortest.value_or(delay), delay);
  }
  return tolerated ? shortest : std::optional(usual);
}

}  // namespace gantry::nodes
