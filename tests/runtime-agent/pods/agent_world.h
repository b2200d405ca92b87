// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "runtime-agent/pods/agent.h"
#include "tests/support/agent_parts.h"
#include "tests/support/fake_runtime.h"
#include "tests/support/manual_executor.h"

namespace gantry::agent {

/// A pod "shop/<name>" with uid "uid-<name>" and one container "main" of image "app:1".
inline schema::Pod podNamed(const std::string& name) {
  schema::Pod pod;
  pod.mutable_metadata()->set_name(name);
  pod.mutable_metadata()->set_namespace_("shop");
  pod.mutable_metadata()->set_uid("uid-" + name);
  pod.mutable_spec()->set_restart_policy("Always");
  pod.mutable_spec()->set_termination_grace_period_seconds(30);
  schema::Container* container = pod.mutable_spec()->add_containers();
  container->set_name("main");
  container->set_image("app:1");
  return pod;
}

/// An agent on fakes that live longer than it, so that it can be started again.
struct AgentWorld {
  explicit AgentWorld(std::uint64_t seed = 1) : executor(seed) {}

  support::ManualExecutor executor;
  support::FakeRuntime runtime{executor};
  support::FakeProber prober{executor};
  support::FakeVolumes volumes;
  support::FakeServiceProxy proxy;
  support::FakeCheckpoint checkpoint;
  std::unique_ptr<support::FakeLink> link;
  std::unique_ptr<Agent> agent;
  api::WantedSet wanted;
  std::vector<std::string> discarded;

  /// Starts an agent, and lets it look at the runtime; no controller yet.
  void start() {
    link = std::make_unique<support::FakeLink>();
    Agent::Options options;
    options.node = "node-1";
    options.address = "10.0.0.1";
    options.podLogRoot = "/logs";
    options.discardLog = [this](const std::string& path) { discarded.push_back(path); };
    agent = std::make_unique<Agent>(executor, runtime, prober, volumes, proxy, checkpoint, *link,
                                    options);
    runtime.onEvent = [this] {
      if (agent) agent->hurry();
    };
    agent->start(schema::NodeStatus(), {{"kubernetes.io/os", "linux"}});
    executor.advance(base::Duration(50));
  }

  /// As kill -9 would: nothing is said to anybody.
  void kill() { agent.reset(); }

  void connect() {
    link->connect();
    sendWanted();
  }

  void sendWanted() {
    wanted.set_sequence(1);
    api::ControllerMessage message;
    message.set_fencing_token(7);
    *message.mutable_wanted() = wanted;
    link->receive(message);
    executor.settle();
  }

  void want(const schema::Pod& pod, bool stop = false) {
    for (api::WantedPod& each : *wanted.mutable_pods()) {
      if (each.pod().metadata().uid() != pod.metadata().uid()) continue;
      each.set_stop(stop);
      return;
    }
    api::WantedPod* added = wanted.add_pods();
    *added->mutable_pod() = pod;
    added->set_stop(stop);
  }

  /// Starts agent and session with these pods, and lets them run.
  void runPods(const std::vector<schema::Pod>& pods) {
    for (const schema::Pod& each : pods) want(each);
    start();
    connect();
    executor.advance(std::chrono::seconds(5));
  }

  const api::ObservedPod& observed(const std::string& name) {
    return link->observed["uid-" + name];
  }

  const schema::ContainerStatus& main(const std::string& name) {
    return observed(name).status().container_statuses(0);
  }

  std::string condition(const std::string& name, const std::string& type) {
    for (const schema::Condition& each : observed(name).status().conditions()) {
      if (each.type() == type) return each.status();
    }
    return "";
  }

  int count(const std::string& logLine) const {
    return static_cast<int>(std::count(runtime.log.begin(), runtime.log.end(), logLine));
  }

  bool hasEvent(const std::string& text) const {
    return std::any_of(link->events.begin(), link->events.end(), [&](const std::string& each) {
      return each.find(text) != std::string::npos;
    });
  }
};

}  // namespace gantry::agent
