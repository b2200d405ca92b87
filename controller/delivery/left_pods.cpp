// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/left_pods.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "controller/workloads/revisions.h"

namespace gantry::delivery {

manifests::ObjectKey wholeOf(const model::Pod& pod) {
  if (pod.ownerName.empty()) return {"Pod", pod.ns, pod.name};
  const auto hash = pod.labels().find(workloads::kTemplateHashLabel);
  if (pod.ownerKind == "ReplicaSet" && hash != pod.labels().end()) {
    const std::string end = absl::StrCat("-", hash->second);
    if (absl::EndsWith(pod.ownerName, end)) {
      return {"Deployment", pod.ns, pod.ownerName.substr(0, pod.ownerName.size() - end.size())};
    }
  }
  return {pod.ownerKind, pod.ns, pod.ownerName};
}

std::vector<model::Ptr<model::Pod>> podsLeftOf(const manifests::ObjectKey& key,
                                               const model::State& state) {
  std::vector<model::Ptr<model::Pod>> left;
  const auto& pods = state.pods.entries();
  for (auto it = pods.lower_bound({key.ns, key.name}); it != pods.end(); ++it) {
    if (it->first.ns != key.ns || !absl::StartsWith(it->first.name, key.name)) break;
    if (wholeOf(*it->second.object) == key) left.push_back(it->second.object);
  }
  return left;
}

}  // namespace gantry::delivery
