// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/capacity_checker.h"

#include "absl/strings/str_cat.h"
#include "manifests/decode/quantity.h"

namespace gantry::sim {
namespace {

using model::Pod;

/// Millicores or bytes that the pod's containers ask for. Init containers and limits without
/// requests do not occur in the simulator's manifests.
std::int64_t requestOf(const Pod& pod, const char* what, bool millis) {
  std::int64_t sum = 0;
  for (const schema::Container& container : pod.shape->spec().containers()) {
    const auto found = container.resources().requests().find(what);
    if (found == container.resources().requests().end()) continue;
    sum += millis ? manifests::millisOf(found->second) : manifests::unitsOf(found->second);
  }
  return sum;
}

std::optional<std::string> overcommitted(const Commit& commit, const schema::Node& node,
                                         const Pod& bound, const char* what, bool millis) {
  if (requestOf(bound, what, millis) == 0) return std::nullopt;
  const auto found = node.status().allocatable().find(what);
  const std::int64_t has =
      found == node.status().allocatable().end()
          ? 0
          : (millis ? manifests::millisOf(found->second) : manifests::unitsOf(found->second));
  std::int64_t sum = 0;
  for (const auto& [name, pod] : commit.view.table<Pod>()) {
    const std::string& phase = pod->status->phase();
    if (pod->nodeName != bound.nodeName || phase == "Succeeded" || phase == "Failed") continue;
    sum += requestOf(*pod, what, millis);
  }
  if (sum <= has) return std::nullopt;
  return absl::StrCat(bound.name, " was bound to ", bound.nodeName, ", whose pods ask for ", sum,
                      " of ", has, " ", what);
}

}  // namespace

std::optional<std::string> CapacityChecker::check(const Commit& commit) {
  for (const Touched& touched : commit.touched) {
    const auto* before = Touched::in<Pod>(touched.before);
    const auto* after = Touched::in<Pod>(touched.after);
    if (after == nullptr || after->nodeName.empty()) continue;
    if (before != nullptr && !before->nodeName.empty()) continue;
    const auto* node = commit.view.find<schema::Node>({"", after->nodeName});
    if (node == nullptr) {
      return absl::StrCat(after->name, " was bound to ", after->nodeName, ", which is no node");
    }
    if (node->spec().unschedulable()) {
      return absl::StrCat(after->name, " was bound to ", after->nodeName, ", which is cordoned");
    }
    bool isReady = false;
    for (const schema::Condition& condition : node->status().conditions()) {
      isReady |= condition.type() == "Ready" && condition.status() == "True";
    }
    if (!isReady) {
      return absl::StrCat(after->name, " was bound to ", after->nodeName, ", which is not Ready");
    }
    if (auto broken = overcommitted(commit, *node, *after, "cpu", true)) return broken;
    if (auto broken = overcommitted(commit, *node, *after, "memory", false)) return broken;
  }
  return std::nullopt;
}

}  // namespace gantry::sim
