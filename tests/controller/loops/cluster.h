// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "controller/loops/controller.h"
#include "controller/model/deletion.h"
#include "controller/store/memory_store.h"
#include "controller/workloads/deployment.h"
#include "tests/support/fake_agents.h"
#include "tests/support/fake_git.h"
#include "tests/support/manual_executor.h"

namespace gantry::tests {

/// A store whose disk can be full.
class DiskStore final : public store::Store {
 public:
  absl::StatusOr<std::vector<store::Record>> list(std::string_view prefix) override {
    return memory_.list(prefix);
  }
  absl::StatusOr<std::int64_t> commit(const std::vector<store::Write>& batch) override {
    if (isFull) return absl::ResourceExhaustedError("disk full");
    return memory_.commit(batch);
  }

  bool isFull = false;

 private:
  store::MemoryStore memory_;
};

/// A controller over a store, with agents, in virtual time. After every commit the rules that a
/// rollout or a drain must never break are checked; what broke is in `broken`.
class Cluster {
 public:
  explicit Cluster(int nodes, std::uint64_t seed = 1, loops::Controller::Options options = {})
      : executor(seed),
        workers(executor),
        git(executor),
        agents(executor, {}),
        options_(std::move(options)) {
    startController();
    for (int i = 1; i <= nodes; ++i) agents.addNode("node-" + std::to_string(i));
    run(std::chrono::seconds(1));
  }
  ~Cluster() { agents.attach(nullptr); }

  /// kill -9 of the controller, and a new one over the same store.
  void killController() {
    agents.attach(nullptr);
    controller.reset();
    ledger.reset();
  }
  void startController() {
    ledger = *model::Ledger::open(disk);
    controller =
        std::make_unique<loops::Controller>(executor, workers, *ledger, git, agents, options_);
    ledger->observe([this](std::span<const model::Change> changes) { check(changes); });
    controller->start();
    agents.attach(controller.get());
  }

  void run(base::Duration time) { executor.advance(time); }

  /// Lets time pass until it is so; false if it is not in time.
  bool runUntil(const std::function<bool()>& isSo,
                base::Duration most = std::chrono::seconds(120)) {
    for (base::Duration past{0}; past < most; past += kStep) {
      if (isSo()) return true;
      run(kStep);
    }
    return isSo();
  }

  const model::State& state() const { return ledger->state(); }

  template <class T>
  void put(T object) {
    model::Transaction transaction(state());
    transaction.put(std::move(object));
    GANTRY_CHECK(ledger->commit(std::move(transaction)).ok());
  }

  void remove(const std::string& kind, const model::Name& name) {
    model::Transaction transaction(state());
    GANTRY_CHECK(model::beginDeletion(transaction, state(), kind, name, "removed from Git",
                                      executor.wallNow())
                     .ok());
    GANTRY_CHECK(ledger->commit(std::move(transaction)).ok());
  }

  /// Applies a Deployment as Git would: uid and status stay, the generation rises.
  void deploy(const std::string& name, int replicas, const std::string& image,
              const std::function<void(schema::Deployment&)>& adjust = {}) {
    schema::Deployment deployment;
    if (const auto* before = state().deployments.find({"shop", name})) deployment = *before;
    schema::ObjectMeta& metadata = *deployment.mutable_metadata();
    metadata.set_name(name);
    metadata.set_namespace_("shop");
    if (metadata.uid().empty()) metadata.set_uid("uid-of-" + name);
    metadata.set_generation(metadata.generation() + 1);
    schema::DeploymentSpec& spec = *deployment.mutable_spec();
    spec.set_replicas(replicas);
    (*spec.mutable_selector()->mutable_match_labels())["app"] = name;
    schema::PodTemplateSpec& shape = *spec.mutable_template_();
    (*shape.mutable_metadata()->mutable_labels())["app"] = name;
    shape.mutable_spec()->clear_containers();
    schema::Container& container = *shape.mutable_spec()->add_containers();
    container.set_name("web");
    container.set_image(image);
    (*container.mutable_resources()->mutable_requests())["cpu"].set_text("500m");
    if (adjust) adjust(deployment);
    put(std::move(deployment));
  }

  std::vector<model::Ptr<model::Pod>> pods(const std::string& app = "") const {
    std::vector<model::Ptr<model::Pod>> found;
    for (const auto& [name, entry] : state().pods.entries()) {
      const auto& labels = entry.object->labels();
      const auto label = labels.find("app");
      if (app.empty() || (label != labels.end() && label->second == app)) {
        found.push_back(entry.object);
      }
    }
    return found;
  }

  int readyPods(const std::string& app, const std::string& image = "") const {
    int ready = 0;
    for (const auto& pod : pods(app)) {
      const bool matches = image.empty() || pod->shape->spec().containers(0).image() == image;
      ready += matches && model::isReady(*pod);
    }
    return ready;
  }

  bool isComplete(const std::string& name) const {
    const auto* deployment = state().deployments.find({"shop", name});
    return deployment != nullptr &&
           deployment->status().observed_generation() == deployment->metadata().generation() &&
           workloads::rolloutState(*deployment, {}).phase ==
               workloads::RolloutState::Phase::kComplete;
  }

  bool hasEvent(const std::string& reason) const {
    for (const auto& [name, entry] : state().events.entries()) {
      if (entry.object->reason() == reason) return true;
    }
    return false;
  }

  bool nodeIs(const std::string& node, const std::string& ready) const {
    const auto* found = state().nodes.find({"", node});
    if (found == nullptr) return false;
    for (const auto& condition : found->status().conditions()) {
      if (condition.type() == "Ready") return condition.status() == ready;
    }
    return false;
  }

  support::ManualExecutor executor;
  support::InlineWorkers workers;
  DiskStore disk;
  support::FakeGit git;
  support::FakeAgents agents;
  std::unique_ptr<model::Ledger> ledger;
  std::unique_ptr<loops::Controller> controller;
  std::vector<std::string> broken;

 private:
  static constexpr base::Duration kStep{100};

  void check(std::span<const model::Change> changes) {
    std::set<std::string> taken;
    for (const model::Change& change : changes) {
      const auto* pod = change.as<model::Pod>();
      if (pod == nullptr || change.erased) continue;
      // What a lost node takes is not our doing.
      const bool isOurs = pod->deletionReason.find("is not ready") == std::string::npos;
      if (pod->deletedAt && isOurs && available_.contains(pod->uid)) {
        taken.insert(pod->labels().at("app"));
      }
      model::PodPhase& highest = phases_[pod->uid];
      if (pod->phase < highest) broken.push_back("the phase of " + pod->name + " fell");
      highest = std::max(highest, pod->phase);
    }
    available_.clear();
    for (const auto& [name, entry] : state().deployments.entries()) {
      checkDeployment(*entry.object, taken.contains(name.name));
    }
  }

  void checkDeployment(const schema::Deployment& deployment, bool isTakenFrom) {
    const std::string& name = deployment.metadata().name();
    const auto posts = workloads::resolveFencePosts(deployment.spec());
    const base::Duration minReady = std::chrono::seconds(deployment.spec().min_ready_seconds());
    int active = 0, available = 0;
    for (const auto& pod : pods(name)) {
      active += model::isActive(*pod);
      if (!model::isAvailable(*pod, minReady, executor.wallNow())) continue;
      available_.insert(pod->uid);
      ++available;
    }
    const int desired = deployment.spec().replicas();
    // What a change of the spec makes too much has a moment to go; it may not grow.
    int& before = active_[name];
    if (active > before && active > desired + posts.surge) {
      broken.push_back(name + ": " + std::to_string(active) + " active pods");
    }
    before = active;
    if (isTakenFrom && available < desired - posts.unavailable) {
      broken.push_back(name + ": only " + std::to_string(available) + " available pods");
    }
  }

  loops::Controller::Options options_;
  std::map<std::string, model::PodPhase> phases_;
  /// Of pods that were available after the last commit.
  std::set<std::string> available_;
  std::map<std::string, int> active_;
};

}  // namespace gantry::tests
