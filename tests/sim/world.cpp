// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.h"

#include <set>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "tests/sim/checkers/capacity_checker.h"
#include "tests/sim/checkers/disruption_checker.h"
#include "tests/sim/checkers/life_checker.h"
#include "tests/sim/checkers/promotion_checker.h"
#include "tests/sim/checkers/rollout_checker.h"
#include "tests/sim/checkers/wave_checker.h"

namespace gantry::sim {
namespace {

using base::Duration;

loops::Controller::Options controllerOptions() {
  loops::Controller::Options options;
  options.evictionDelay = Duration(15'000);
  options.delivery.rootRepository = {kUrl, ""};
  options.delivery.rootBranch = kBranch;
  options.delivery.rootPath = "applications";
  options.delivery.pollInterval = Duration(10'000);
  return options;
}

}  // namespace

World::World(std::uint64_t seed, bool isPrinted)
    : clock_(seed, isPrinted),
      network_(clock_),
      store_(clock_, [this](const auto& batch) { committed(batch); }),
      gitProcess_(clock_, "git"),
      git_(gitProcess_),
      rendering_(git_),
      controllerProcess_(clock_, "controller"),
      workers_(clock_, controllerProcess_) {
  auto delivery = std::make_unique<DeliveryChecker>(git_, rendering_);
  delivery_ = delivery.get();
  checkers_.push_back(std::move(delivery));
  checkers_.push_back(std::make_unique<WaveChecker>(rendering_));
  checkers_.push_back(std::make_unique<PromotionChecker>(git_, rendering_));
  checkers_.push_back(std::make_unique<RolloutChecker>());
  checkers_.push_back(std::make_unique<DisruptionChecker>());
  checkers_.push_back(std::make_unique<CapacityChecker>());
  checkers_.push_back(std::make_unique<LifeChecker>());
  const int count = 2 + clock_.pick(3);
  for (int i = 1; i <= count; ++i) {
    nodes_.push_back(std::make_unique<SimNode>(clock_, network_, absl::StrCat("node-", i), 4'000));
  }
}

World::~World() {
  killController();
}

void World::startController() {
  if (controller_ != nullptr) return;
  clock_.note("controller", "starts");
  auto ledger = model::Ledger::open(store_);
  GANTRY_CHECK(ledger.ok());
  ledger_ = *std::move(ledger);
  loops::Controller::Options options = controllerOptions();
  options.fencingToken = ++fencingToken_;
  controller_ = std::make_unique<loops::Controller>(controllerProcess_, workers_, *ledger_, git_,
                                                    network_, options);
  network_.attach(controller_.get());
  controller_->start();
}

void World::killController() {
  if (controller_ == nullptr) return;
  clock_.note("controller", "is killed");
  network_.attach(nullptr);
  controllerProcess_.kill();
  controller_.reset();
  ledger_.reset();
}

void World::crash(const std::string& process) {
  if (process == "controller") {
    killController();
    clock_.after(clock_.between(Duration(200), Duration(12'000)), [this] { startController(); });
    return;
  }
  for (const auto& node : nodes_) {
    if (node->name() != process) continue;
    node->killAgent();
    clock_.after(clock_.between(Duration(200), Duration(8'000)),
                 [&node = *node] { node.startAgent(); });
  }
}

void World::meddle(std::string_view what, const std::function<void(model::Transaction&)>& change) {
  if (controller_ == nullptr) return;
  clock_.note("stranger", what);
  model::Transaction transaction(ledger_->state());
  change(transaction);
  isStrangers_ = true;
  const absl::Cleanup done = [this] { isStrangers_ = false; };
  ledger_->commit(std::move(transaction)).IgnoreError();
}

bool World::run(Duration time) {
  const base::Instant end = clock_.now() + time;
  while (broken_.empty()) {
    try {
      if (!clock_.step(end)) break;
    } catch (const Crash& crashed) {
      crash(crashed.process);
    }
    checkRuntimes();
  }
  return broken_.empty();
}

void World::fail(std::string what) {
  if (!broken_.empty()) return;
  broken_ = std::move(what);
  clock_.note("BROKEN", broken_);
}

void World::committed(const std::vector<store::Write>& batch) {
  const std::vector<Touched> touched = view_.apply(batch);
  if (clock_.trace().isPrinted()) print(touched);
  for (const Touched& each : touched) {
    const auto* pod = Touched::in<model::Pod>(each.after);
    if (pod != nullptr && !pod->nodeName.empty()) boundTo_[pod->uid] = pod->nodeName;
  }
  const Commit commit{view_, touched, clock_.wallNow(), isStrangers_};
  for (const auto& checker : checkers_) {
    if (auto broken = checker->check(commit)) return fail(*std::move(broken));
  }
}

void World::print(const std::vector<Touched>& touched) {
  for (const Touched& each : touched) {
    std::string line = absl::StrCat(each.kind, " ", each.name.ns, "/", each.name.name);
    if (const auto* pod = Touched::in<model::Pod>(each.after)) {
      const auto* ready = model::findCondition(*pod->status, "Ready");
      absl::StrAppend(&line, " ", pod->status->phase(), " on ",
                      pod->nodeName.empty() ? "no node" : pod->nodeName,
                      ready != nullptr && ready->status() == "True" ? " ready" : "",
                      pod->deletedAt ? absl::StrCat(" told to go: ", pod->deletionReason) : "");
    } else if (const auto* plan = Touched::in<api::Plan>(each.after)) {
      absl::StrAppend(&line, " ", api::PlanState_Name(plan->state()), " ",
                      plan->revision().commit().substr(0, 8), " ", plan->digest().substr(0, 8), " ",
                      plan->message());
    } else if (const auto* application = Touched::in<schema::Application>(each.after)) {
      const schema::ApplicationStatus& status = application->status();
      absl::StrAppend(&line, " ", status.sync(), " ", status.health(), " observed ",
                      status.observed().commit().substr(0, 8), " applied ",
                      status.applied().commit().substr(0, 8), " ", status.message());
    } else if (const auto* set = Touched::in<schema::ReplicaSet>(each.after)) {
      absl::StrAppend(&line, " ", set->spec().replicas(), " ",
                      set->spec().template_().spec().containers(0).image());
    } else if (const auto* deployment = Touched::in<schema::Deployment>(each.after)) {
      const schema::DeploymentStatus& status = deployment->status();
      absl::StrAppend(&line, " wants ", deployment->spec().replicas(), " has ", status.replicas(),
                      " updated ", status.updated_replicas(), " available ",
                      status.available_replicas());
    }
    const bool isGone = std::visit([](const auto& held) { return held == nullptr; }, each.after);
    clock_.trace().print(clock_.elapsed(), "commit", absl::StrCat(line, isGone ? " is gone" : ""));
  }
}

// What a runtime runs is a pod that was bound to its node, once.
void World::checkRuntimes() {
  for (const auto& node : nodes_) {
    std::size_t& looked = looked_[node->name()];
    if (looked == node->runtime().log.size()) continue;
    looked = node->runtime().log.size();
    std::set<std::pair<std::string, std::string>> running;
    for (const agent::SeenContainer& container : node->runtime().containers()) {
      if (container.phase != agent::ContainerPhase::kRunning) continue;
      if (boundTo_[container.podUid] != node->name()) {
        return fail(absl::StrCat(container.id, " runs on ", node->name(),
                                 " for a pod that was never bound to it"));
      }
      if (!running.emplace(container.podUid, container.name).second) {
        return fail(
            absl::StrCat("container ", container.name, " of a pod runs twice on ", node->name()));
      }
    }
  }
}

}  // namespace gantry::sim
