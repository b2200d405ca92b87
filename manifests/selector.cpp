// SPDX-License-Identifier: Apache-2.0
#include "manifests/selector.h"

#include <algorithm>

namespace gantry::manifests {
namespace {

bool hasPair(const Labels& labels, const std::string& key, const std::string& value) {
  const auto found = labels.find(key);
  return found != labels.end() && found->second == value;
}

bool containsAll(const Labels& wanted, const Labels& labels) {
  return std::ranges::all_of(
      wanted, [&](const auto& pair) { return hasPair(labels, pair.first, pair.second); });
}

bool satisfies(const schema::LabelSelectorRequirement& requirement, const Labels& labels) {
  const auto found = labels.find(requirement.key());
  const bool present = found != labels.end();
  const bool listed = present && std::ranges::count(requirement.values(), found->second) > 0;
  if (requirement.operator_() == "In") return listed;
  // As in Kubernetes, a label that is missing is not in any list.
  if (requirement.operator_() == "NotIn") return !listed;
  if (requirement.operator_() == "Exists") return present;
  if (requirement.operator_() == "DoesNotExist") return !present;
  return false;
}

}  // namespace

bool matches(const schema::LabelSelector& selector, const Labels& labels) {
  return containsAll(selector.match_labels(), labels) &&
         std::ranges::all_of(selector.match_expressions(),
                             [&](const auto& one) { return satisfies(one, labels); });
}

bool matchesAll(const Labels& selector, const Labels& labels) {
  return !selector.empty() && containsAll(selector, labels);
}

}  // namespace gantry::manifests
