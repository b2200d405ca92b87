// SPDX-License-Identifier: Apache-2.0
#include "controller/scheduler/scheduler.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/scheduler/filters.h"

namespace gantry::scheduler {
namespace {

using Nodes = std::map<std::string, ClusterView::NodeView>;

// The smaller, the better.
struct Score {
  int unwantedTaints = 0;
  int podsOfGroup = 0;
  double share = 0;

  auto asTuple() const { return std::tie(unwantedTaints, podsOfGroup, share); }
};

double shareOf(std::int64_t wanted, std::int64_t whole) {
  return whole <= 0 ? 1 : static_cast<double>(wanted) / static_cast<double>(whole);
}

// The mean share of CPU and memory that is requested once the pod is there (Kubernetes'
// LeastAllocated).
double shareAfter(const ClusterView::NodeView& node, const Resources& requests) {
  return (shareOf(node.used.cpuMillis + requests.cpuMillis, node.allocatable.cpuMillis) +
          shareOf(node.used.memoryBytes + requests.memoryBytes, node.allocatable.memoryBytes)) /
         2;
}

// Nodes of one obstacle, and the most that one of them has free.
struct Rejected {
  Obstacle obstacle = Obstacle::kNone;
  int count = 0;
  std::int64_t mostFree = 0;
};

std::string explainNone(const Nodes& nodes, const Demand& demand) {
  if (nodes.empty()) return "there are no nodes";
  std::map<std::string, Rejected> byWords;
  for (const auto& [name, node] : nodes) {
    const Obstacle obstacle = obstacleOf(node, demand);
    Rejected& rejected = byWords[describe(obstacle, node, demand)];
    rejected.obstacle = obstacle;
    ++rejected.count;
    rejected.mostFree = std::max(rejected.mostFree, freeOf(obstacle, node));
  }
  std::vector<std::pair<std::string, Rejected>> ordered(byWords.begin(), byWords.end());
  std::ranges::stable_sort(ordered, std::greater(),
                           [](const auto& entry) { return entry.second.count; });
  const auto format = [&](std::string* out, const auto& entry) {
    const auto& [words, rejected] = entry;
    absl::StrAppend(out, rejected.count, " ", words);
    const std::string amounts = describeAmounts(rejected.obstacle, demand, rejected.mostFree);
    if (!amounts.empty()) absl::StrAppend(out, " (", amounts, " at most)");
  };
  return absl::StrCat("0 of ", nodes.size(), " nodes fit: ", absl::StrJoin(ordered, ", ", format));
}

std::string explainChoice(const Score& score, int fits, std::size_t nodes) {
  return absl::StrCat(fits, " of ", nodes, " nodes fit; this one has ", score.podsOfGroup,
                      " pods of the group and will be ", static_cast<int>(score.share * 100),
                      "% requested");
}

}  // namespace

Placement place(const ClusterView& view, const schema::PodSpec& spec, const std::string& group) {
  const Demand demand(spec);
  const auto& groupOnNodes = view.podsOfGroup(group);
  auto inGroup = groupOnNodes.begin();
  const std::string* best = nullptr;
  Score bestScore;
  int fits = 0;
  for (const auto& [name, node] : view.nodes()) {
    if (obstacleOf(node, demand) != Obstacle::kNone) continue;
    ++fits;
    // Both maps are ordered by node: one walk over both instead of a search for each node.
    while (inGroup != groupOnNodes.end() && inGroup->first < name) ++inGroup;
    const bool isInGroup = inGroup != groupOnNodes.end() && inGroup->first == name;
    const Score score{unwantedTaints(node, demand), isInGroup ? inGroup->second : 0,
                      shareAfter(node, demand.requests)};
    if (best != nullptr && !(score.asTuple() < bestScore.asTuple())) continue;
    best = &name;
    bestScore = score;
  }
  if (best == nullptr) return {"", explainNone(view.nodes(), demand)};
  return {*best, explainChoice(bestScore, fits, view.nodes().size())};
}

std::map<std::string, std::string> explain(const ClusterView& view, const schema::PodSpec& spec) {
  const Demand demand(spec);
  std::map<std::string, std::string> reasons;
  for (const auto& [name, node] : view.nodes()) {
    const Obstacle obstacle = obstacleOf(node, demand);
    if (obstacle == Obstacle::kNone) continue;
    const std::string amounts = describeAmounts(obstacle, demand, freeOf(obstacle, node));
    reasons[name] = absl::StrCat(describe(obstacle, node, demand),
                                 amounts.empty() ? "" : absl::StrCat(" (", amounts, ")"));
  }
  return reasons;
}

}  // namespace gantry::scheduler
