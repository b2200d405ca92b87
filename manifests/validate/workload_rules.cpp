// SPDX-License-Identifier: Apache-2.0
#include <absl/strings/numbers.h>

#include <algorithm>
#include <optional>

#include "manifests/decode/json_text.h"
#include "manifests/selector.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {

std::optional<int> countOrPercent(const schema::IntOrString& value, const FieldPath& path,
                                  Problems& problems) {
  if (value.has_number()) {
    problems.requireAtLeast(value.number(), 0, path);
    return value.number();
  }
  int percent = 0;
  const std::string& text = value.text();
  const bool valid = text.ends_with('%') &&
                     text.find_first_not_of("0123456789") == text.size() - 1 &&
                     absl::SimpleAtoi(text.substr(0, text.size() - 1), &percent);
  if (valid) return percent;
  problems.error(path, jsonText(text) + " is neither a number nor a percentage",
                 "write it like 1 or 25%, without quotes around a number");
  return std::nullopt;
}

namespace {

constexpr int kMaxPercent = 100;

void checkSelectorShape(const schema::LabelSelector& selector, const FieldPath& path,
                        Problems& problems) {
  checkLabels(selector.match_labels(), path.field("matchLabels"), problems);
  const FieldPath expressions = path.field("matchExpressions");
  for (int i = 0; i < selector.match_expressions_size(); ++i) {
    const schema::LabelSelectorRequirement& requirement = selector.match_expressions(i);
    const FieldPath element = expressions.element(i);
    problems.requireOneOf(requirement.operator_(), {"In", "NotIn", "Exists", "DoesNotExist"},
                          element.field("operator"));
    const bool lists = requirement.operator_() == "In" || requirement.operator_() == "NotIn";
    problems.require(lists != requirement.values().empty(), element.field("values"),
                     lists ? "values are missing" : "this operator looks at no values",
                     lists ? "add `values`" : "remove them");
  }
}

/// ": {matchLabels: {app: web}}" for the label that comes first.
std::string exampleFor(const Labels& labels) {
  const auto first = std::ranges::min_element(
      labels, {}, [](const auto& label) -> const std::string& { return label.first; });
  if (first == labels.end()) return "";
  return ": {matchLabels: {" + first->first + ": " + first->second + "}}";
}

/// AT-DEP-02: never defaulted, and it must match the pods that the template makes.
void checkSelector(const schema::LabelSelector& selector, const schema::PodTemplateSpec& pods,
                   const std::string& kind, const FieldPath& path, Problems& problems) {
  const FieldPath place = path.field("selector");
  const Labels& labels = pods.metadata().labels();
  if (selector.match_labels().empty() && selector.match_expressions().empty()) {
    return problems.error(place, "it is missing: a " + kind + " must say which pods are its own",
                          "add `selector" + exampleFor(labels) + "`");
  }
  checkSelectorShape(selector, place, problems);
  if (!matches(selector, labels)) {
    problems.error(place,
                   "it does not match the labels of the template, so the pods would not be found",
                   "make spec.selector.matchLabels and spec.template.metadata.labels the same");
  }
}

void checkTemplate(const schema::PodTemplateSpec& pods, const FieldPath& path, Problems& problems) {
  const FieldPath metadata = path.field("metadata");
  checkLabels(pods.metadata().labels(), metadata.field("labels"), problems);
  const FieldPath spec = path.field("spec");
  checkPodSpec(pods.spec(), spec, problems);
  // AT-DEP-03; what is no policy at all is said once, by the pod.
  const std::string& policy = pods.spec().restart_policy();
  problems.require(policy != "OnFailure" && policy != "Never", spec.field("restartPolicy"),
                   "the pods of a workload that keeps running are always restarted",
                   "write `restartPolicy: Always`, or use a Pod");
}

void checkStrategy(const schema::DeploymentStrategy& strategy, const FieldPath& path,
                   Problems& problems) {
  problems.requireOneOf(strategy.type(), {"RollingUpdate", "Recreate"}, path.field("type"));
  const FieldPath rolling = path.field("rollingUpdate");
  if (strategy.type() == "Recreate") {
    problems.require(!strategy.has_rolling_update(), rolling,
                     "strategy Recreate has no rolling update",
                     "remove it, or write `type: RollingUpdate`");
    return;
  }
  if (!strategy.has_rolling_update()) return;
  const FieldPath maxUnavailable = rolling.field("maxUnavailable");
  const auto surge =
      countOrPercent(strategy.rolling_update().max_surge(), rolling.field("maxSurge"), problems);
  const auto unavailable =
      countOrPercent(strategy.rolling_update().max_unavailable(), maxUnavailable, problems);
  if (unavailable && strategy.rolling_update().max_unavailable().has_text()) {
    problems.require(*unavailable <= kMaxPercent, maxUnavailable, "more than 100%");
  }
  // AT-DEP-04: with neither more pods nor fewer, nothing could ever be replaced.
  problems.require(!surge || !unavailable || *surge != 0 || *unavailable != 0, maxUnavailable,
                   "maxUnavailable and maxSurge are both 0, so no pod could be replaced",
                   "raise one of them");
}

}  // namespace

void check(const schema::ReplicaSet& replicaSet, Problems& problems) {
  const schema::ReplicaSetSpec& spec = replicaSet.spec();
  const FieldPath root;
  const FieldPath path = root.field("spec");
  problems.requireAtLeast(spec.replicas(), 0, path.field("replicas"));
  problems.requireAtLeast(spec.min_ready_seconds(), 0, path.field("minReadySeconds"));
  checkSelector(spec.selector(), spec.template_(), "ReplicaSet", path, problems);
  checkTemplate(spec.template_(), path.field("template"), problems);
}

void check(const schema::Deployment& deployment, Problems& problems) {
  const schema::DeploymentSpec& spec = deployment.spec();
  const FieldPath root;
  const FieldPath path = root.field("spec");
  problems.requireAtLeast(spec.replicas(), 0, path.field("replicas"));
  problems.requireAtLeast(spec.min_ready_seconds(), 0, path.field("minReadySeconds"));
  problems.requireAtLeast(spec.revision_history_limit(), 0, path.field("revisionHistoryLimit"));
  const FieldPath deadline = path.field("progressDeadlineSeconds");
  problems.require(spec.progress_deadline_seconds() > spec.min_ready_seconds(), deadline,
                   "it must be more than minReadySeconds, or no rollout could end in time",
                   "raise it");
  checkStrategy(spec.strategy(), path.field("strategy"), problems);
  checkSelector(spec.selector(), spec.template_(), "Deployment", path, problems);
  checkTemplate(spec.template_(), path.field("template"), problems);
}

}  // namespace gantry::manifests
