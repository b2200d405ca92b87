// SPDX-License-Identifier: Apache-2.0
#include "app/models/health.h"

#include <algorithm>
#include <ranges>

#include "app/models/text.h"

namespace gantry::models {
namespace {

const schema::Condition* condition(const google::protobuf::RepeatedPtrField<schema::Condition>& all,
                                   const char* type) {
  const auto found =
      std::ranges::find_if(all, [type](const schema::Condition& c) { return c.type() == type; });
  return found == all.end() ? nullptr : &*found;
}

QString sentence(const schema::Condition& condition) {
  return qs(condition.message().empty() ? condition.reason() : condition.message());
}

QString terminatedText(const schema::ContainerStateTerminated& state) {
  const QString reason = qs(state.reason().empty() ? "Error" : state.reason());
  return QStringLiteral("%1, exit code %2").arg(reason).arg(state.exit_code());
}

/// Why one container does not do its work; the first one that has a reason speaks for the pod.
void judgeContainer(const schema::ContainerStatus& container, PodHealth& health) {
  const schema::ContainerState& state = container.state();
  const QString name = qs(container.name());
  if (state.has_waiting() && !state.waiting().reason().empty()) {
    const QString reason = qs(state.waiting().reason());
    const bool starting = reason == "ContainerCreating" || reason == "PodInitializing";
    if (health.tone == Tone::Bad) return;
    health.status = reason;
    health.tone = starting ? Tone::Busy : Tone::Bad;
    if (starting) return;
    health.why = qs(state.waiting().message());
    if (container.last_state().has_terminated()) {
      health.why = terminatedText(container.last_state().terminated());
    }
    health.why = QStringLiteral("%1: %2").arg(name, health.why.isEmpty() ? reason : health.why);
  } else if (state.has_terminated() && state.terminated().exit_code() != 0) {
    health.status = qs(state.terminated().reason().empty() ? "Error" : state.terminated().reason());
    health.tone = Tone::Bad;
    health.why = QStringLiteral("%1: %2").arg(name, terminatedText(state.terminated()));
  }
}

Tone phaseTone(const std::string& phase) {
  if (phase == "Running" || phase == "Succeeded") return Tone::Good;
  if (phase == "Pending" || phase.empty()) return Tone::Busy;
  return phase == "Failed" ? Tone::Bad : Tone::Warning;
}

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
    case Tone::Good:
      return QStringLiteral("✔");
    case Tone::Busy:
      return QStringLiteral("◐");
    case Tone::Warning:
      return QStringLiteral("▲");
    case Tone::Bad:
      return QStringLiteral("✖");
    case Tone::Neutral:
      break;
  }
  return QStringLiteral("·");
}

PodHealth podHealth(const schema::Pod& pod) {
  const schema::PodStatus& status = pod.status();
  PodHealth health;
  health.containers = pod.spec().containers_size();
  health.status = qs(status.phase().empty() ? "Pending" : status.phase());
  health.tone = phaseTone(status.phase());
  for (const schema::ContainerStatus& container : status.container_statuses()) {
    health.ready += container.ready() ? 1 : 0;
    health.restarts += container.restart_count();
    judgeContainer(container, health);
  }
  for (const schema::ContainerStatus& container : status.init_container_statuses()) {
    judgeContainer(container, health);
  }
  if (pod.metadata().has_deletion_timestamp()) {
    health.status = QStringLiteral("Terminating");
    health.tone = Tone::Busy;
  }
  if (!status.reason().empty() && status.phase() == "Failed") health.status = qs(status.reason());
  if (!health.why.isEmpty()) return health;

  if (!status.message().empty()) health.why = qs(status.message());
  if (const auto* scheduled = condition(status.conditions(), "PodScheduled");
      scheduled != nullptr && scheduled->status() == "False") {
    health.status = QStringLiteral("Unschedulable");
    health.tone = Tone::Warning;
    health.why = sentence(*scheduled);
  } else if (const auto* ready = condition(status.conditions(), "Ready");
             status.phase() == "Running" && ready != nullptr && ready->status() != "True" &&
             health.tone == Tone::Good) {
    health.tone = Tone::Warning;
    health.status = QStringLiteral("Not ready");
    health.why = sentence(*ready);
  }
  return health;
}

DeploymentHealth deploymentHealth(const schema::Deployment& deployment) {
  const schema::DeploymentStatus& status = deployment.status();
  DeploymentHealth health;
  health.wanted = deployment.spec().has_replicas() ? deployment.spec().replicas() : 1;
  health.updated = status.updated_replicas();
  health.ready = status.ready_replicas();
  health.available = status.available_replicas();
  health.total = status.replicas();
  health.paused = deployment.spec().paused() || !status.paused_by().empty();

  const auto* progressing = condition(status.conditions(), "Progressing");
  const auto* failure = condition(status.conditions(), "ReplicaFailure");
  if (failure != nullptr && failure->status() == "True") health.why = sentence(*failure);
  if (health.paused && health.isRollingOut()) {
    health.status = QStringLiteral("Paused");
    health.tone = Tone::Warning;
    health.why = status.paused_by().empty()
                     ? QStringLiteral("paused in the manifest")
                     : QStringLiteral("paused by %1: %2")
                           .arg(qs(status.paused_by()), qs(status.paused_reason()));
  } else if (progressing != nullptr && progressing->status() == "False") {
    health.status = QStringLiteral("Stuck");
    health.tone = Tone::Bad;
    if (health.why.isEmpty()) health.why = sentence(*progressing);
  } else if (health.updated < health.wanted || health.total > health.updated) {
    health.status = QStringLiteral("Rolling out");
    health.tone = Tone::Busy;
  } else if (health.available < health.wanted) {
    health.status = QStringLiteral("Degraded");
    health.tone = health.available == 0 ? Tone::Bad : Tone::Warning;
  } else {
    health.status = health.paused ? QStringLiteral("Paused") : QStringLiteral("Complete");
    health.tone = Tone::Good;
  }
  if (health.why.isEmpty() && health.tone != Tone::Good) {
    health.why = QStringLiteral("%1 of %2 available").arg(health.available).arg(health.wanted);
  }
  return health;
}

NodeHealth nodeHealth(const schema::Node& node) {
  NodeHealth health;
  const auto* ready = condition(node.status().conditions(), "Ready");
  health.ready = ready != nullptr && ready->status() == "True";
  if (!health.ready) {
    health.status = QStringLiteral("Not ready");
    health.tone = Tone::Bad;
    health.why =
        ready == nullptr ? QStringLiteral("the agent has not reported yet") : sentence(*ready);
    return health;
  }
  health.status = QStringLiteral("Ready");
  health.tone = Tone::Good;
  for (const schema::Condition& pressure : node.status().conditions()) {
    if (pressure.type() == "Ready" || pressure.status() != "True") continue;
    health.status = qs(pressure.type());
    health.tone = Tone::Warning;
    health.why = sentence(pressure);
  }
  if (node.spec().has_drain()) {
    health.status = QStringLiteral("Draining");
    health.tone = Tone::Busy;
    health.why = QStringLiteral("drained by %1: %2")
                     .arg(qs(node.spec().drain().by()), qs(node.spec().drain().reason()));
  } else if (node.spec().unschedulable()) {
    health.status = QStringLiteral("Cordoned");
    health.tone = Tone::Warning;
    health.why =
        QStringLiteral("cordoned by %1: %2")
            .arg(qs(node.spec().unschedulable_by()), qs(node.spec().unschedulable_reason()));
  }
  return health;
}

Tone applicationTone(const schema::Application& application) {
  const std::string& health = application.status().health();
  if (health == "Healthy") return Tone::Good;
  if (health == "Progressing") return Tone::Busy;
  if (health == "Degraded" || health == "Missing") return Tone::Bad;
  return Tone::Warning;
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
