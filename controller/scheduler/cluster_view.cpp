// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "controller/scheduler/scheduler.h"
#include "manifests/decode/quantity.h"

namespace gantry::scheduler {
namespace {

constexpr std::int64_t kDefaultMaxPods = 110;

using Quantities = google::protobuf::Map<std::string, schema::Quantity>;

// Null if neither map has it.
const schema::Quantity* lookUp(const Quantities& first, const Quantities& second,
                               const std::string& key) {
  for (const Quantities* quantities : {&first, &second}) {
    const auto found = quantities->find(key);
    if (found != quantities->end()) return &found->second;
  }
  return nullptr;
}

Resources amounts(const Quantities& first, const Quantities& second) {
  Resources result;
  if (const auto* cpu = lookUp(first, second, "cpu")) result.cpuMillis = manifests::millisOf(*cpu);
  if (const auto* memory = lookUp(first, second, "memory")) {
    result.memoryBytes = manifests::unitsOf(*memory);
  }
  return result;
}

bool isReady(const schema::Node& node) {
  return std::ranges::any_of(node.status().conditions(), [](const auto& condition) {
    return condition.type() == "Ready" && condition.status() == "True";
  });
}

}  // namespace

Resources& Resources::operator+=(const Resources& other) {
  cpuMillis += other.cpuMillis;
  memoryBytes += other.memoryBytes;
  pods += other.pods;
  return *this;
}

Resources& Resources::operator-=(const Resources& other) {
  cpuMillis -= other.cpuMillis;
  memoryBytes -= other.memoryBytes;
  pods -= other.pods;
  return *this;
}

Resources requestsOf(const schema::PodSpec& spec) {
  const auto of = [](const schema::Container& container) {
    return amounts(container.resources().requests(), container.resources().limits());
  };
  Resources result;
  for (const schema::Container& container : spec.containers()) result += of(container);
  // Init containers run one after another, before the others.
  for (const schema::Container& container : spec.init_containers()) {
    const Resources init = of(container);
    result.cpuMillis = std::max(result.cpuMillis, init.cpuMillis);
    result.memoryBytes = std::max(result.memoryBytes, init.memoryBytes);
  }
  result.pods = 1;
  return result;
}

Resources allocatableOf(const schema::Node& node) {
  const auto& allocatable = node.status().allocatable();
  const auto& capacity = node.status().capacity();
  Resources result = amounts(allocatable, capacity);
  const auto* pods = lookUp(allocatable, capacity, "pods");
  result.pods = pods == nullptr ? kDefaultMaxPods : manifests::unitsOf(*pods);
  return result;
}

void ClusterView::putNode(const schema::Node& node) {
  const std::string& name = node.metadata().name();
  const auto used = usedOf_.find(name);
  nodes_[name] = {.node = std::make_shared<const schema::Node>(node),
                  .allocatable = allocatableOf(node),
                  .used = used == usedOf_.end() ? Resources{} : used->second,
                  .isReady = isReady(node),
                  .isCordoned = node.spec().unschedulable() || node.spec().has_drain(),
                  .hasTaints = !node.spec().taints().empty()};
}

void ClusterView::removeNode(const std::string& name) {
  nodes_.erase(name);
}

void ClusterView::count(const Placed& pod, int sign) {
  Resources& used = usedOf_[pod.node];
  sign > 0 ? used += pod.requests : used -= pod.requests;
  const auto node = nodes_.find(pod.node);
  if (node != nodes_.end()) node->second.used = used;
  if (used == Resources{}) usedOf_.erase(pod.node);
  if (pod.group.empty()) return;
  auto& onNodes = groups_[pod.group];
  onNodes[pod.node] += sign;
  if (onNodes[pod.node] == 0) onNodes.erase(pod.node);
  if (onNodes.empty()) groups_.erase(pod.group);
}

void ClusterView::addPod(const std::string& uid, const std::string& node, const Resources& requests,
                         const std::string& group) {
  removePod(uid);
  count(pods_.emplace(uid, Placed{node, requests, group}).first->second, 1);
}

void ClusterView::removePod(const std::string& uid) {
  const auto found = pods_.find(uid);
  if (found == pods_.end()) return;
  count(found->second, -1);
  pods_.erase(found);
}

const std::map<std::string, int>& ClusterView::podsOfGroup(const std::string& group) const {
  static const std::map<std::string, int> kNone;
  const auto found = groups_.find(group);
  return found == groups_.end() ? kNone : found->second;
}

}  // namespace gantry::scheduler
