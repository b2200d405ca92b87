// SPDX-License-Identifier: Apache-2.0
#include "app/models/health.h"

#include <algorithm>
#include <ranges>

#include "app/models/text.h"

namespace gantry::models {
namespace {

bool ownedBy(const schema::ObjectMeta& metadata, const char* kind, const std::string& name) {
  return std::ranges::any_of(metadata.owner_references(), [&](const schema::OwnerReference& owner) {
    return owner.kind() == kind && owner.name() == name;
  });
}

/// The rows of one namespace: tables are in order of it.
auto inNamespace(const client::LiveCache& cache, client::Kind kind, const std::string& ns) {
  const client::Table& table = cache.table(kind);
  return std::ranges::subrange(table.lower_bound({ns, {}}),
                               table.lower_bound({ns + std::string(1, '\0'), {}}));
}

/// Deployments count their templates in an annotation of the ReplicaSet.
int revisionOf(const schema::ReplicaSet& replicaSet) {
  const auto& annotations = replicaSet.metadata().annotations();
  const auto found = annotations.find("deployment.kubernetes.io/revision");
  return found == annotations.end() ? 0 : std::atoi(found->second.c_str());
}

QString firstImage(const schema::ReplicaSet& replicaSet) {
  const auto& containers = replicaSet.spec().template_().spec().containers();
  return containers.empty() ? QString() : qs(containers.at(0).image());
}

}  // namespace

QString toneMark(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return QStringLiteral("✔");
    case Tone::kBusy:
      return QStringLiteral("◐");
    case Tone::kWarning:
      return QStringLiteral("▲");
    case Tone::kBad:
      return QStringLiteral("✖");
    case Tone::kNeutral:
      break;
  }
  return QStringLiteral("·");
}

PodHealth podHealth(const schema::Pod& pod) {
  const client::PodHealth health = client::podHealth(pod);
  return {health.ready,      health.containers, health.restarts,
          qs(health.status), health.tone,       qs(health.why)};
}

DeploymentHealth deploymentHealth(const schema::Deployment& deployment) {
  const client::DeploymentHealth health = client::deploymentHealth(deployment);
  return {health.wanted, health.updated,    health.ready, health.available, health.total,
          health.paused, qs(health.status), health.tone,  qs(health.why)};
}

JobHealth jobHealth(const schema::Job& job) {
  const client::JobHealth health = client::jobHealth(job, base::fromUnixMs(nowMs()));
  return {qs(health.completions), qs(health.status), health.tone, qs(health.why),
          health.duration ? qs(base::formatAge(*health.duration)) : QString()};
}

NodeHealth nodeHealth(const schema::Node& node) {
  const client::NodeHealth health = client::nodeHealth(node);
  return {health.ready, qs(health.status), health.tone, qs(health.why)};
}

RolloutPods rolloutPods(const client::LiveCache& cache, const client::Key& deployment) {
  std::vector<const schema::ReplicaSet*> owned;
  for (const auto& [key, object] : inNamespace(cache, client::Kind::kReplicaSet, deployment.ns)) {
    const schema::ReplicaSet& replicaSet = object->replica_set();
    if (ownedBy(replicaSet.metadata(), "Deployment", deployment.name)) {
      owned.push_back(&replicaSet);
    }
  }
  std::ranges::sort(owned, [](const schema::ReplicaSet* a, const schema::ReplicaSet* b) {
    const auto rank = [](const schema::ReplicaSet* set) {
      return std::tuple(revisionOf(*set), set->metadata().creation_timestamp().unix_ms(),
                        set->metadata().name());
    };
    return rank(a) > rank(b);
  });
  RolloutPods pods;
  if (owned.empty()) return pods;
  pods.newImage = firstImage(*owned.front());
  if (owned.size() > 1) pods.oldImage = firstImage(*owned[1]);
  for (const auto& [key, object] : inNamespace(cache, client::Kind::kPod, deployment.ns)) {
    for (const schema::ReplicaSet* set : owned) {
      if (!ownedBy(object->pod().metadata(), "ReplicaSet", set->metadata().name())) continue;
      (set == owned.front() ? pods.newPods : pods.oldPods).push_back(object);
      break;
    }
  }
  return pods;
}

}  // namespace gantry::models
