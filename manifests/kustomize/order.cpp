// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/order.h"

#include <algorithm>
#include <map>

namespace gantry::manifests::kustomize {
namespace {

// kustomize: api/internal/builtins/SortOrderTransformer.go.
constexpr std::string_view kFirst[] = {"Namespace",
                                       "ResourceQuota",
                                       "StorageClass",
                                       "CustomResourceDefinition",
                                       "ServiceAccount",
                                       "PodSecurityPolicy",
                                       "Role",
                                       "ClusterRole",
                                       "RoleBinding",
                                       "ClusterRoleBinding",
                                       "ConfigMap",
                                       "Secret",
                                       "Endpoints",
                                       "Service",
                                       "LimitRange",
                                       "PriorityClass",
                                       "PersistentVolume",
                                       "PersistentVolumeClaim",
                                       "Deployment",
                                       "StatefulSet",
                                       "CronJob",
                                       "PodDisruptionBudget"};
constexpr std::string_view kLast[] = {"MutatingWebhookConfiguration",
                                      "ValidatingWebhookConfiguration"};

std::map<std::string, int, std::less<>> ranksOf(const SortOptions& options) {
  std::map<std::string, int, std::less<>> ranks;
  const auto add = [&](const auto& kinds, int first, const auto& nameOf) {
    for (const auto& kind : kinds) ranks[std::string(nameOf(kind))] = first++;
  };
  const auto same = [](std::string_view kind) { return kind; };
  const auto textOf = [](const Text& text) -> const std::string& { return text.value; };
  if (options.given) {
    add(options.first, -static_cast<int>(options.first.size()), textOf);
    add(options.last, 1, textOf);
  } else {
    add(kFirst, -static_cast<int>(std::size(kFirst)), same);
    add(kLast, 1, same);
  }
  return ranks;
}

/// "~" stands for what is empty, and comes after all letters.
std::string orTilde(const std::string& text, const char* name) {
  return text.empty() ? std::string("~") + name : text;
}

}  // namespace

void sortObjects(ObjectSet& set, const SortOptions& options) {
  if (!options.legacy) return;
  const auto ranks = ranksOf(options);
  const auto keyOf = [&](const Object& object) {
    const ObjectId id = object.id();
    const auto rank = ranks.find(id.kind);
    return std::tuple(rank == ranks.end() ? 0 : rank->second,
                      orTilde(id.group, "G") + "_" + orTilde(id.version, "V") + "_" + id.kind,
                      orTilde(id.ns, "X") + "|" + id.name);
  };
  using Keyed = std::pair<decltype(keyOf(std::declval<const Object&>())), std::unique_ptr<Object>>;
  std::vector<Keyed> keyed;
  keyed.reserve(set.size());
  for (auto& object : set.objects()) {
    auto key = keyOf(*object);
    keyed.emplace_back(std::move(key), std::move(object));
  }
  std::ranges::stable_sort(keyed, {}, &Keyed::first);
  std::ranges::transform(keyed, set.objects().begin(),
                         [](Keyed& entry) { return std::move(entry.second); });
}

}  // namespace gantry::manifests::kustomize
