// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/workloads/deployment.h"
#include "controller/workloads/replica_set.h"
#include "controller/workloads/revisions.h"

namespace gantry::workloads {

using namespace std::chrono_literals;

/// A cluster of one Deployment: carries out the plans of the reconcilers and plays the nodes. No
/// clock, no chance: whoever drives it decides what happens next.
class RolloutModel {
 public:
  explicit RolloutModel(int replicas) {
    deployment.mutable_metadata()->set_name("front");
    deployment.mutable_metadata()->set_namespace_("shop");
    deployment.mutable_metadata()->set_uid("deployment-uid");
    deployment.mutable_metadata()->set_generation(1);
    schema::DeploymentSpec& spec = *deployment.mutable_spec();
    spec.set_replicas(replicas);
    (*spec.mutable_selector()->mutable_match_labels())["app"] = "front";
    (*spec.mutable_template_()->mutable_metadata()->mutable_labels())["app"] = "front";
    setImage("front:1");
  }

  void setImage(const std::string& image) {
    schema::PodSpec& spec = *deployment.mutable_spec()->mutable_template_()->mutable_spec();
    spec.clear_containers();
    spec.add_containers()->set_name("web");
    spec.mutable_containers(0)->set_image(image);
    changed();
  }
  void setReplicas(int replicas) {
    deployment.mutable_spec()->set_replicas(replicas);
    changed();
  }
  void setBounds(const std::string& surge, const std::string& unavailable) {
    auto& rolling = *deployment.mutable_spec()->mutable_strategy()->mutable_rolling_update();
    setBound(*rolling.mutable_max_surge(), surge);
    setBound(*rolling.mutable_max_unavailable(), unavailable);
    changed();
  }
  void changed() {
    deployment.mutable_metadata()->set_generation(deployment.metadata().generation() + 1);
  }

  DeploymentPlan plan() const {
    DeploymentInputs inputs{deployment, {}, {}, now};
    for (const auto& [name, set] : sets) {
      inputs.replicaSets.push_back(std::make_shared<const schema::ReplicaSet>(set));
    }
    for (const auto& [name, pod] : pods) {
      inputs.pods.push_back(std::make_shared<const model::Pod>(pod));
    }
    return planDeployment(inputs);
  }

  /// Plans and carries out one step of the Deployment. Whether anything changed.
  bool stepDeployment() {
    const DeploymentPlan next = plan();
    const bool isSame = next.actions.empty() &&
                        next.status.SerializeAsString() == deployment.status().SerializeAsString();
    *deployment.mutable_status() = next.status;
    for (const DeploymentAction& action : next.actions) apply(action);
    return !isSame;
  }

  bool stepReplicaSet(const std::string& name) {
    schema::ReplicaSet& set = sets.at(name);
    const ReplicaSetPlan next = planReplicaSet({set, podsOf(set), now});
    *set.mutable_status() = next.status;
    for (const DeletePod& victim : next.deletions) tellToGo(pods.at(victim.name.name));
    const auto shape = std::make_shared<const schema::PodTemplateSpec>(set.spec().template_());
    for (int i = 0; i < next.create; ++i) {
      const std::string number = std::to_string(1000 + ++podsMade);
      pods[name + "-" + number] =
          makePod("ReplicaSet", set.metadata(), shape, name + "-" + number, "pod-" + number, now);
    }
    return next.create > 0 || !next.deletions.empty();
  }

  bool stepReplicaSets() {
    bool isAnyChanged = false;
    std::vector<std::string> names;
    for (const auto& [name, set] : sets) names.push_back(name);
    for (const std::string& name : names) isAnyChanged |= stepReplicaSet(name);
    return isAnyChanged;
  }

  static void tellToGo(model::Pod& pod, base::Timestamp at = base::fromUnixMs(1)) {
    pod.deletedAt = at;
  }

  void setReady(model::Pod& pod, bool isReady) const {
    auto status = std::make_shared<schema::PodStatus>();
    schema::Condition& ready = *status->add_conditions();
    ready.set_type("Ready");
    ready.set_status(isReady ? "True" : "False");
    ready.mutable_last_transition_time()->set_unix_ms(base::toUnixMs(now));
    pod.status = std::move(status);
    pod.phase = std::max(pod.phase, model::PodPhase::kRunning);
    pod.nodeName = "node-1";
  }

  /// Active pods that are not Ready become so; those of images that contain `broken` never do.
  void startPods(const std::string& broken = "broken") {
    for (auto& [name, pod] : pods) {
      const bool isBroken = imageOf(pod).find(broken) != std::string::npos;
      if (model::isActive(pod) && !model::isReady(pod) && !isBroken) setReady(pod, true);
    }
  }

  void eraseGone() {
    std::erase_if(pods, [](const auto& entry) { return entry.second.deletedAt.has_value(); });
  }

  /// Everybody does what is to do, until nobody has anything. False if that never comes.
  bool settle(int mostRounds = 200) {
    for (int i = 0; i < mostRounds; ++i) {
      bool isAnyChanged = stepDeployment();
      isAnyChanged |= stepReplicaSets();
      const std::size_t before = pods.size();
      eraseGone();
      isAnyChanged |= pods.size() != before;
      startPods();
      if (!isAnyChanged) return true;
      now += 1s;
    }
    return false;
  }

  std::vector<model::Ptr<model::Pod>> podsOf(const schema::ReplicaSet& set) const {
    std::vector<model::Ptr<model::Pod>> owned;
    for (const auto& [name, pod] : pods) {
      if (pod.ownerUid == set.metadata().uid()) {
        owned.push_back(std::make_shared<const model::Pod>(pod));
      }
    }
    return owned;
  }

  static const std::string& imageOf(const schema::ReplicaSet& set) {
    return set.spec().template_().spec().containers(0).image();
  }
  static const std::string& imageOf(const model::Pod& pod) {
    return pod.shape->spec().containers(0).image();
  }
  const schema::ReplicaSet* setOf(const std::string& image) const {
    for (const auto& [name, set] : sets) {
      if (imageOf(set) == image) return &set;
    }
    return nullptr;
  }
  /// spec.replicas of the ReplicaSet with that image; -1 if there is none.
  int sizeOf(const std::string& image) const {
    const schema::ReplicaSet* set = setOf(image);
    return set == nullptr ? -1 : set->spec().replicas();
  }
  const schema::Condition* condition(const std::string& type) const {
    for (const schema::Condition& one : deployment.status().conditions()) {
      if (one.type() == type) return &one;
    }
    return nullptr;
  }
  std::string reasonOf(const std::string& type) const {
    const schema::Condition* found = condition(type);
    return found == nullptr ? "" : found->status() + " " + found->reason();
  }
  int activePods() const {
    return static_cast<int>(std::count_if(
        pods.begin(), pods.end(), [](const auto& entry) { return model::isActive(entry.second); }));
  }
  int availablePods() const {
    const base::Duration minReady(1000LL * deployment.spec().min_ready_seconds());
    return static_cast<int>(std::count_if(pods.begin(), pods.end(), [&](const auto& entry) {
      return model::isAvailable(entry.second, minReady, now);
    }));
  }

  schema::Deployment deployment;
  std::map<std::string, schema::ReplicaSet> sets;
  std::map<std::string, model::Pod> pods;
  base::Timestamp now = base::fromUnixMs(1'000'000);

 private:
  static void setBound(schema::IntOrString& bound, const std::string& text) {
    if (text.back() == '%') {
      bound.set_text(text);
    } else {
      bound.set_number(std::stoi(text));
    }
  }

  void apply(const DeploymentAction& action) {
    if (const auto* create = std::get_if<CreateReplicaSet>(&action)) {
      schema::ReplicaSet set = create->replicaSet;
      set.mutable_metadata()->set_uid("set-" + std::to_string(++setsMade));
      sets[set.metadata().name()] = set;
    } else if (const auto* update = std::get_if<UpdateReplicaSet>(&action)) {
      sets[update->replicaSet.metadata().name()] = update->replicaSet;
    } else {
      sets.erase(std::get<DeleteReplicaSet>(action).name.name);
    }
  }

  int setsMade = 0;
  int podsMade = 0;
};

}  // namespace gantry::workloads
