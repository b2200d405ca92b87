// SPDX-License-Identifier: Apache-2.0
#include "controller/scheduler/filters.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"

namespace gantry::scheduler {
namespace {

// AT-SCH-02: no operator is Equal; no key with Exists is every taint; no effect is every effect.
bool tolerates(const schema::Toleration& toleration, const schema::Taint& taint) {
  if (!toleration.effect().empty() && toleration.effect() != taint.effect()) return false;
  if (toleration.operator_() == "Exists") {
    return toleration.key().empty() || toleration.key() == taint.key();
  }
  return toleration.key() == taint.key() && toleration.value() == taint.value();
}

bool isTolerated(const schema::Taint& taint, const Demand& demand) {
  return std::ranges::any_of(demand.spec.tolerations(),
                             [&](const auto& one) { return tolerates(one, taint); });
}

const schema::Taint* forbiddingTaint(const schema::Node& node, const Demand& demand) {
  for (const schema::Taint& taint : node.spec().taints()) {
    if (taint.effect() != "PreferNoSchedule" && !isTolerated(taint, demand)) return &taint;
  }
  return nullptr;
}

bool hasLabel(const schema::Node& node, const std::string& key, const std::string& value) {
  const auto found = node.metadata().labels().find(key);
  return found != node.metadata().labels().end() && found->second == value;
}

bool hasLabels(const schema::Node& node, const Demand& demand) {
  return std::ranges::all_of(demand.spec.node_selector(), [&](const auto& pair) {
    return hasLabel(node, pair.first, pair.second);
  });
}

// The first by key, so that nodes that lack the same are counted together.
std::string missingLabel(const schema::Node& node, const Demand& demand) {
  const auto& selector = demand.spec.node_selector();
  const std::map<std::string, std::string> ordered(selector.begin(), selector.end());
  for (const auto& [key, value] : ordered) {
    if (!hasLabel(node, key, value)) return absl::StrCat(key, "=", value);
  }
  return {};
}

std::string taintText(const schema::Taint& taint) {
  const std::string value = taint.value().empty() ? "" : absl::StrCat("=", taint.value());
  return absl::StrCat(taint.key(), value, ":", taint.effect());
}

// One decimal, rounded down: what is said to be free is free.
std::string roughBytes(std::int64_t bytes) {
  constexpr std::array kUnits = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};
  std::size_t unit = 0;
  std::int64_t scale = 1;
  while (unit + 1 < kUnits.size() && bytes / scale >= 1024) {
    scale *= 1024;
    ++unit;
  }
  const std::int64_t whole = bytes / scale;
  const std::int64_t tenths = bytes % scale * 10 / scale;
  return absl::StrCat(whole, tenths == 0 ? "" : absl::StrCat(".", tenths), kUnits[unit]);
}

std::string millis(std::int64_t amount) {
  return amount % 1000 == 0 ? absl::StrCat(amount / 1000) : absl::StrCat(amount, "m");
}

}  // namespace

Obstacle obstacleOf(const ClusterView::NodeView& node, const Demand& demand) {
  if (!node.isReady) return Obstacle::kNotReady;
  if (node.isCordoned) return Obstacle::kCordoned;
  if (node.hasTaints && forbiddingTaint(*node.node, demand) != nullptr) return Obstacle::kTaint;
  if (demand.selectsNodes && !hasLabels(*node.node, demand)) return Obstacle::kLabel;
  // Who asks for nothing fits, even where more was promised than there is.
  const auto lacks = [&](std::int64_t Resources::* what) {
    return demand.requests.*what > 0 &&
           node.allocatable.*what - node.used.*what < demand.requests.*what;
  };
  if (lacks(&Resources::cpuMillis)) return Obstacle::kCpu;
  if (lacks(&Resources::memoryBytes)) return Obstacle::kMemory;
  if (lacks(&Resources::pods)) return Obstacle::kPods;
  return Obstacle::kNone;
}

int unwantedTaints(const ClusterView::NodeView& node, const Demand& demand) {
  if (!node.hasTaints) return 0;
  return static_cast<int>(std::ranges::count_if(node.node->spec().taints(), [&](const auto& taint) {
    return taint.effect() == "PreferNoSchedule" && !isTolerated(taint, demand);
  }));
}

std::string describe(Obstacle obstacle, const ClusterView::NodeView& node, const Demand& demand) {
  switch (obstacle) {
    case Obstacle::kNone:
      return {};
    case Obstacle::kNotReady:
      return "not ready";
    case Obstacle::kCordoned:
      return "cordoned";
    case Obstacle::kTaint:
      return absl::StrCat("tainted ", taintText(*forbiddingTaint(*node.node, demand)));
    case Obstacle::kLabel:
      return absl::StrCat("without label ", missingLabel(*node.node, demand));
    case Obstacle::kCpu:
      return "too little CPU";
    case Obstacle::kMemory:
      return "too little memory";
    case Obstacle::kPods:
      return "full of pods";
  }
  return {};
}

std::int64_t freeOf(Obstacle obstacle, const ClusterView::NodeView& node) {
  switch (obstacle) {
    case Obstacle::kCpu:
      return std::max<std::int64_t>(0, node.allocatable.cpuMillis - node.used.cpuMillis);
    case Obstacle::kMemory:
      return std::max<std::int64_t>(0, node.allocatable.memoryBytes - node.used.memoryBytes);
    default:
      return 0;
  }
}

std::string describeAmounts(Obstacle obstacle, const Demand& demand, std::int64_t best) {
  switch (obstacle) {
    case Obstacle::kCpu:
      return absl::StrCat("wants ", millis(demand.requests.cpuMillis), ", ", millis(best), " free");
    case Obstacle::kMemory:
      return absl::StrCat("wants ", roughBytes(demand.requests.memoryBytes), ", ", roughBytes(best),
                          " free");
    default:
      return {};
  }
}

}  // namespace gantry::scheduler
