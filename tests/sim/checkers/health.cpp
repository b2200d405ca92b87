// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/health.h"

#include <algorithm>

namespace gantry::sim {
namespace {

using google::protobuf::Message;

bool isTrue(const schema::Job& job, const char* type) {
  return std::ranges::any_of(job.status().conditions(), [&](const schema::Condition& condition) {
    return condition.type() == type && condition.status() == "True";
  });
}

}  // namespace

bool isRolledOut(const schema::Deployment& deployment) {
  const schema::DeploymentStatus& seen = deployment.status();
  return seen.observed_generation() >= deployment.metadata().generation() &&
         seen.updated_replicas() >= deployment.spec().replicas() &&
         seen.replicas() <= seen.updated_replicas() &&
         seen.available_replicas() >= seen.updated_replicas();
}

bool isLate(const schema::Deployment& deployment) {
  return std::ranges::any_of(
      deployment.status().conditions(), [](const schema::Condition& condition) {
        return condition.type() == "Progressing" && condition.status() == "False";
      });
}

bool lacksPods(const schema::Deployment& deployment) {
  const bool wasRolledOut =
      std::ranges::any_of(deployment.status().conditions(), [](const schema::Condition& condition) {
        return condition.type() == "Progressing" && condition.reason() == "NewReplicaSetAvailable";
      });
  return wasRolledOut && deployment.status().available_replicas() < deployment.spec().replicas();
}

bool isNodeReady(const View& view, const std::string& name) {
  const auto* node = view.find<schema::Node>({"", name});
  if (node == nullptr) return false;
  for (const schema::Condition& condition : node->status().conditions()) {
    if (condition.type() == "Ready") return condition.status() == "True";
  }
  return false;
}

bool hasSucceeded(const schema::Job& job) {
  return isTrue(job, "Complete");
}

bool hasFailed(const schema::Job& job) {
  return isTrue(job, "Failed");
}

const Message* findObject(const View& view, const manifests::ObjectKey& key) {
  const model::Name name{key.ns, key.name};
  const Message* found = nullptr;
  const auto look = [&]<class T>(const T* object) {
    if (key.kind == model::kindName<T>()) found = object;
  };
  look(view.find<schema::Namespace>(name));
  look(view.find<schema::ConfigMap>(name));
  look(view.find<schema::Secret>(name));
  look(view.find<schema::Service>(name));
  look(view.find<schema::Deployment>(name));
  look(view.find<schema::Job>(name));
  look(view.find<schema::PodDisruptionBudget>(name));
  look(view.find<schema::Application>(name));
  look(view.find<schema::Project>(name));
  return found;
}

bool isHealthy(const View& view, const manifests::ObjectKey& key) {
  const Message* object = findObject(view, key);
  if (const auto* deployment = dynamic_cast<const schema::Deployment*>(object)) {
    return isRolledOut(*deployment);
  }
  if (const auto* job = dynamic_cast<const schema::Job*>(object)) return hasSucceeded(*job);
  return object != nullptr;
}

bool isBad(const View& view, const manifests::ObjectKey& key) {
  const Message* object = findObject(view, key);
  if (const auto* deployment = dynamic_cast<const schema::Deployment*>(object)) {
    return isLate(*deployment) || lacksPods(*deployment);
  }
  if (const auto* job = dynamic_cast<const schema::Job*>(object)) return hasFailed(*job);
  return object == nullptr;
}

}  // namespace gantry::sim
