// SPDX-License-Identifier: Apache-2.0
#include "manifests/validate/rules.h"

namespace gantry::manifests {

namespace {

void checkCount(const schema::IntOrString& value, const FieldPath& path, Problems& problems) {
  const std::optional<int> count = countOrPercent(value, path, problems);
  if (count && value.has_text()) problems.require(*count <= 100, path, "more than 100%");
}

}  // namespace

void check(const schema::PodDisruptionBudget& budget, Problems& problems) {
  const schema::PodDisruptionBudgetSpec& spec = budget.spec();
  const FieldPath root;
  const FieldPath path = root.field("spec");
  const FieldPath maxUnavailable = path.field("maxUnavailable");
  problems.require(!spec.has_min_available() || !spec.has_max_unavailable(), maxUnavailable,
                   "minAvailable says already how many pods must stay", "remove one of the two");
  const FieldPath minAvailable = path.field("minAvailable");
  if (spec.has_min_available()) checkCount(spec.min_available(), minAvailable, problems);
  if (spec.has_max_unavailable()) checkCount(spec.max_unavailable(), maxUnavailable, problems);
  if (!spec.has_selector()) {
    problems.warning(
        path, "without a selector it is for no pod",
        "write `selector: {matchLabels: …}`, or `selector: {}` for all of the namespace");
  }
  problems.requireOneOf(spec.unhealthy_pod_eviction_policy(), {"IfHealthyBudget", "AlwaysAllow"},
                        path.field("unhealthyPodEvictionPolicy"));
}

}  // namespace gantry::manifests
