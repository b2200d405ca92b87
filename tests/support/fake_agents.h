// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.h"
#include "controller/loops/agent_transport.h"
#include "controller/loops/controller.h"
#include "tests/support/wanted_mirror.h"

namespace gantry::support {

/// Nodes whose agents behave: they run what is wanted, report it, and stop what is not. They are
/// the controller's transport, over the executor that the controller runs on; nothing happens at
/// once. Each can be cut off, switched off, and told to fail.
class FakeAgents final : public loops::AgentTransport {
 public:
  struct Options {
    base::Duration latency{5};
    base::Duration heartbeat{2'000};
    /// From wanted to Running, from Running to Ready, from told to stop to gone; 30 % more or less.
    base::Duration start{300};
    base::Duration ready{700};
    base::Duration stop{400};
    base::Duration reconnect{500};
  };

  struct Running {
    schema::Pod pod;
    bool started = false;
    bool ready = false;
    bool stopping = false;
    /// Succeeded or Failed, once it has ended by itself.
    std::string ended{};
    /// Why its container waits; empty if it does not.
    std::string waiting{};
    base::Timestamp readySince{};
    std::uint64_t sequence = 0;
  };

  struct Node {
    std::string name;
    schema::NodeStatus status;
    std::map<std::string, std::string> labels;
    /// By uid: survives the loss of the connection.
    std::map<std::string, Running> pods;
    WantedMirror wanted;
    loops::SessionId session = 0;
    /// The network to the controller; cut off, agents go on with what they know.
    bool isReachable = true;
    bool isOn = true;
    /// A message was lost, either way: the connection is not worth keeping.
    bool hasGap = false;
  };

  FakeAgents(base::Executor& executor, Options options)
      : executor_(executor), options_(options), alive_(std::make_shared<char>()) {}

  /// Who the agents dial; null while it is down. Those of before are forgotten.
  void attach(loops::Controller* controller) {
    controller_ = controller;
    for (auto& [name, node] : nodes_) hangUp(node);
  }

  /// A node that dials at once and again whenever it has no session.
  void addNode(const std::string& name, const std::string& cpu = "4",
               const std::string& memory = "8Gi") {
    Node& node = nodes_[name];
    node.name = name;
    (*node.status.mutable_capacity())["cpu"].set_text(cpu);
    (*node.status.mutable_capacity())["memory"].set_text(memory);
    (*node.status.mutable_capacity())["pods"].set_text("110");
    *node.status.mutable_allocatable() = node.status.capacity();
    node.status.set_address("192.0.2.1");
    dial(node);
    beat(name);
  }

  Node& node(const std::string& name) { return nodes_.at(name); }
  std::map<std::string, Node>& nodes() { return nodes_; }

  /// Cuts the network of a node, or mends it. Nobody is told.
  void setReachable(const std::string& name, bool reachable) {
    nodes_.at(name).isReachable = reachable;
  }

  /// Power off: nothing runs on it any more. Power on: an empty node dials.
  void setPower(const std::string& name, bool on) {
    Node& node = nodes_.at(name);
    node.isOn = on;
    node.pods.clear();
    node.wanted = {};
    hangUp(node);
  }

  /// Ends the agent's session and dials anew, as after a restart of the agent.
  void redial(const std::string& name) {
    hangUp(nodes_.at(name));
    dial(nodes_.at(name));
  }

  /// Pods for which this is true start but never get Ready.
  std::function<bool(const schema::Pod&)> neverReady;

  /// The exit code with which a pod ends after as long as another takes to get Ready; nothing: it
  /// keeps running.
  std::function<std::optional<int>(const schema::Pod&)> exits;

  /// Pods for which `which` is true get Ready, or not so any more; then their container waits for
  /// `reason`, as after many restarts, if that is not empty.
  void setReady(const std::function<bool(const schema::Pod&)>& which, bool ready,
                const std::string& reason = "") {
    for (auto& [name, node] : nodes_) {
      for (auto& [uid, running] : node.pods) {
        if (!running.started || !which(running.pod)) continue;
        running.ready = ready;
        running.waiting = reason;
        running.readySince = executor_.wallNow();
        report(node, running, false);
      }
    }
  }

  /// How often a pod was started, by uid: more than once means that it was restarted.
  const std::map<std::string, int>& starts() const { return starts_; }
  /// Sequences that did not follow each other, unknown deletions: must stay 0.
  int brokenDiffs() const { return brokenDiffs_; }
  std::uint64_t fencingToken() const { return fencingToken_; }

  /// Sends a report as is: for tests of old and repeated ones.
  void inject(loops::SessionId session, api::AgentMessage message) {
    toController([session, message = std::move(message)](loops::Controller& controller) {
      controller.agentMessage(session, message);
    });
  }

  /// The report of a pod as it is, without a new sequence.
  api::ObservedPod observe(const Node& node, const Running& running) const {
    api::ObservedPod observed;
    observed.set_uid(running.pod.metadata().uid());
    observed.set_namespace_(running.pod.metadata().namespace_());
    observed.set_name(running.pod.metadata().name());
    observed.set_sequence(running.sequence);
    schema::PodStatus& status = *observed.mutable_status();
    status.set_phase(!running.ended.empty() ? running.ended
                     : running.started      ? "Running"
                                            : "Pending");
    status.set_host_ip(node.status.address());
    if (running.started) status.set_pod_ip(addressOf(running.pod.metadata().uid()));
    schema::Condition& ready = *status.add_conditions();
    ready.set_type("Ready");
    ready.set_status(running.ready ? "True" : "False");
    ready.mutable_last_transition_time()->set_unix_ms(base::toUnixMs(running.readySince));
    if (!running.waiting.empty()) {
      schema::ContainerStatus& container = *status.add_container_statuses();
      container.set_name(running.pod.spec().containers(0).name());
      container.set_restart_count(5);
      container.mutable_state()->mutable_waiting()->set_reason(running.waiting);
    }
    return observed;
  }

  void send(loops::SessionId session, const api::ControllerMessage& message) override {
    fencingToken_ = message.fencing_token();
    later(options_.latency, [this, session, message] {
      Node* node = findBySession(session);
      if (node == nullptr) return;
      if (node->isReachable) receive(*node, message);
      if (!node->isReachable) node->hasGap = true;
    });
  }

  void close(loops::SessionId session) override {
    later(options_.latency, [this, session] {
      if (Node* node = findBySession(session)) hangUp(*node);
    });
  }

 private:
  void later(base::Duration delay, std::function<void()> task) {
    executor_.postAfter(delay, [weak = std::weak_ptr(alive_), task = std::move(task)] {
      if (!weak.expired()) task();
    });
  }

  void toController(std::function<void(loops::Controller&)> call) {
    later(options_.latency, [this, asked = controller_, call = std::move(call)] {
      if (controller_ != nullptr && controller_ == asked) call(*controller_);
    });
  }

  Node* findBySession(loops::SessionId session) {
    for (auto& [name, node] : nodes_) {
      if (node.session == session && node.isOn) return &node;
    }
    return nullptr;
  }

  static std::string addressOf(const std::string& uid) {
    const auto hash = std::hash<std::string>()(uid);
    return "10.244." + std::to_string(hash % 200) + "." + std::to_string(hash / 256 % 250 + 1);
  }

  // Session 0: none; the heartbeat dials again.
  void hangUp(Node& node) {
    if (node.session == 0) return;
    const loops::SessionId session = std::exchange(node.session, 0);
    if (!node.isReachable || !node.isOn) return;
    toController([session](loops::Controller& to) { to.agentDisconnected(session); });
  }

  void dial(Node& node) {
    if (controller_ == nullptr || !node.isOn || !node.isReachable) return;
    node.session = ++lastSession_;
    node.hasGap = false;
    api::Hello hello;
    *hello.mutable_status() = node.status;
    hello.mutable_labels()->insert(node.labels.begin(), node.labels.end());
    for (auto& [uid, running] : node.pods) {
      *hello.mutable_pods()->add_pods() = observe(node, running);
    }
    toController([session = node.session, name = node.name, hello](loops::Controller& to) {
      to.agentConnected(session, name, hello);
    });
  }

  void beat(const std::string& name) {
    Node& node = nodes_.at(name);
    if (node.hasGap && node.isReachable) hangUp(node);
    if (node.session == 0) {
      dial(node);
    } else if (node.isReachable && node.isOn) {
      api::AgentMessage message;
      message.mutable_heartbeat();
      inject(node.session, std::move(message));
    }
    later(node.session == 0 ? options_.reconnect : options_.heartbeat,
          [this, name] { beat(name); });
  }

  void receive(Node& node, const api::ControllerMessage& message) {
    if (message.has_wanted()) node.wanted.apply(message.wanted());
    if (message.has_diff() && !node.wanted.apply(message.diff())) ++brokenDiffs_;
    if (message.has_wanted() || message.has_diff()) converge(node);
  }

  void converge(Node& node) {
    for (const auto& [uid, wanted] : node.wanted.pods) {
      if (!wanted.stop() && !node.pods.contains(uid)) startPod(node, wanted.pod());
      if (!wanted.stop()) continue;
      // Also one that never ran is said to be gone.
      if (!node.pods.contains(uid)) node.pods[uid].pod = wanted.pod();
      stopPod(node, uid);
    }
    for (const auto& [uid, running] : node.pods) {
      if (!node.wanted.pods.contains(uid)) stopPod(node, uid);
    }
  }

  void startPod(Node& node, const schema::Pod& pod) {
    const std::string uid = pod.metadata().uid();
    node.pods[uid].pod = pod;
    later(base::jitter(executor_, options_.start, 0.3), [this, name = node.name, uid] {
      change(name, uid, [this, &uid](Running& running) {
        running.started = true;
        ++starts_[uid];
      });
      later(base::jitter(executor_, options_.ready, 0.3), [this, name, uid] {
        change(name, uid, [this](Running& running) {
          const std::optional<int> exit = exits ? exits(running.pod) : std::nullopt;
          if (exit) running.ended = *exit == 0 ? "Succeeded" : "Failed";
          running.ready = !exit && (!neverReady || !neverReady(running.pod));
          running.readySince = executor_.wallNow();
        });
      });
    });
  }

  void change(const std::string& name, const std::string& uid,
              const std::function<void(Running&)>& apply) {
    Node& node = nodes_.at(name);
    const auto found = node.pods.find(uid);
    if (found == node.pods.end() || found->second.stopping) return;
    apply(found->second);
    report(node, found->second, false);
  }

  void stopPod(Node& node, const std::string& uid) {
    Running& running = node.pods.at(uid);
    if (std::exchange(running.stopping, true)) return;
    later(base::jitter(executor_, options_.stop, 0.3), [this, name = node.name, uid] {
      Node& from = nodes_.at(name);
      const auto found = from.pods.find(uid);
      if (found == from.pods.end()) return;
      report(from, found->second, true);
      from.pods.erase(found);
    });
  }

  void report(Node& node, Running& running, bool gone) {
    ++running.sequence;
    if (!node.isReachable) node.hasGap = true;
    if (node.session == 0 || !node.isReachable) return;
    api::AgentMessage message;
    api::ObservedPod& observed = *message.mutable_pods()->add_pods();
    observed = observe(node, running);
    observed.set_gone(gone);
    inject(node.session, std::move(message));
  }

  base::Executor& executor_;
  Options options_;
  loops::Controller* controller_ = nullptr;
  std::map<std::string, Node> nodes_;
  loops::SessionId lastSession_ = 0;
  std::map<std::string, int> starts_;
  int brokenDiffs_ = 0;
  std::uint64_t fencingToken_ = 0;
  std::shared_ptr<char> alive_;
};

}  // namespace gantry::support
