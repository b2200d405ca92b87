// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/disruption_checker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/health.h"

namespace gantry::sim {
namespace {

using model::Pod;

std::string appOf(const Pod& pod) {
  const auto app = pod.labels().find("app");
  return app == pod.labels().end() ? "" : app->second;
}

bool isFor(const schema::PodDisruptionBudget& budget, const Pod& pod) {
  const auto& wanted = budget.spec().selector().match_labels();
  const auto app = wanted.find("app");
  return budget.metadata().namespace_() == pod.ns && app != wanted.end() &&
         app->second == appOf(pod);
}

bool isThere(const Pod& pod) {
  return !pod.deletedAt && std::ranges::any_of(pod.status->conditions(), [](const auto& condition) {
    return condition.type() == "Ready" && condition.status() == "True";
  });
}

/// Of `replicas`; a part of a pod counts as one.
int amount(const schema::IntOrString& value, int replicas) {
  if (value.value_case() == schema::IntOrString::kNumber) return value.number();
  return (std::stoi(value.text()) * replicas + 99) / 100;
}

int leastReady(const schema::PodDisruptionBudgetSpec& spec, int replicas) {
  if (spec.has_max_unavailable()) return replicas - amount(spec.max_unavailable(), replicas);
  return amount(spec.min_available(), replicas);
}

}  // namespace

std::optional<std::string> DisruptionChecker::check(const Commit& commit) {
  for (const Touched& touched : commit.touched) {
    const auto* before = Touched::in<Pod>(touched.before);
    const auto* after = Touched::in<Pod>(touched.after);
    const bool isTaken =
        before != nullptr && !before->deletedAt && after != nullptr && after->deletedAt &&
        after->deletionReason == absl::StrCat("node ", after->nodeName, " is drained");
    if (!isTaken || before->status->phase() != "Running" ||
        !isNodeReady(commit.view, before->nodeName)) {
      continue;
    }
    if (auto broken = judge(commit, *before)) return broken;
  }
  return std::nullopt;
}

std::optional<std::string> DisruptionChecker::judge(const Commit& commit, const Pod& taken) {
  const auto* deployment = commit.view.find<schema::Deployment>({taken.ns, appOf(taken)});
  if (deployment == nullptr) return std::nullopt;
  for (const auto& [name, budget] : commit.view.table<schema::PodDisruptionBudget>()) {
    if (!isFor(*budget, taken)) continue;
    const int least = leastReady(budget->spec(), deployment->spec().replicas());
    const auto& pods = commit.view.table<Pod>();
    const auto ready = std::ranges::count_if(pods, [&](const auto& each) {
      return isFor(*budget, *each.second) && isThere(*each.second);
    });
    const bool isMissed =
        isThere(taken) || budget->spec().unhealthy_pod_eviction_policy() != "AlwaysAllow";
    if (!isMissed || ready >= least) continue;
    return absl::StrCat(taken.ns, "/", taken.name, " was drained although PodDisruptionBudget ",
                        name.name, " keeps ", least, " pods, and ", ready, " are left");
  }
  return std::nullopt;
}

}  // namespace gantry::sim
