// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "runtime-agent/network/service_proxy.h"
#include "runtime-agent/probes/prober.h"
#include "runtime-agent/session/checkpoint.h"
#include "runtime-agent/session/controller_link.h"
#include "runtime-agent/volumes/volumes.h"

// What an Agent stands on beside the runtime, in memory.
namespace gantry::support {

/// Answers probes as the test says, by container id; else with success.
class FakeProber final : public agent::Prober {
 public:
  explicit FakeProber(base::Executor& executor) : executor_(executor) {}

  std::map<std::string, agent::ProbeResult> results;
  agent::ProbeResult otherwise{agent::ProbeOutcome::kSuccess, ""};
  base::Duration takes = base::Duration(5);
  std::vector<agent::ProbeRequest> requests;

  void probe(agent::ProbeRequest request, std::function<void(agent::ProbeResult)> done) override {
    requests.push_back(request);
    const auto found = results.find(request.containerId);
    executor_.postAfter(
        takes, [done = std::move(done),
                result = found == results.end() ? otherwise : found->second] { done(result); });
  }

 private:
  base::Executor& executor_;
};

/// Volumes without a disk; a ConfigMap or Secret that is missing is an error, as on a real one.
class FakeVolumes final : public agent::Volumes {
 public:
  std::set<std::string> prepared;
  int calls = 0;

  absl::StatusOr<std::map<std::string, std::string>> prepare(
      const schema::Pod& pod, const agent::ConfigSources& sources) override {
    ++calls;
    std::map<std::string, std::string> paths;
    for (const schema::Volume& each : pod.spec().volumes()) {
      const std::string prefix = pod.metadata().namespace_() + "/";
      if (each.has_config_map() && !each.config_map().optional() &&
          !sources.configMaps.contains(prefix + each.config_map().name())) {
        return absl::FailedPreconditionError("ConfigMap \"" + each.config_map().name() +
                                             "\" not found");
      }
      if (each.has_secret() && !each.secret().optional() &&
          !sources.secrets.contains(prefix + each.secret().secret_name())) {
        return absl::FailedPreconditionError("Secret \"" + each.secret().secret_name() +
                                             "\" not found");
      }
      paths[each.name()] = "/volumes/" + pod.metadata().uid() + "/" + each.name();
    }
    prepared.insert(pod.metadata().uid());
    return paths;
  }

  absl::Status remove(const std::string& podUid) override {
    prepared.erase(podUid);
    return absl::OkStatus();
  }
};

class FakeServiceProxy final : public agent::ServiceProxy {
 public:
  std::vector<api::Endpoints> services;
  int applied = 0;
  int failNext = 0;

  absl::Status apply(const std::vector<api::Endpoints>& all, const std::string&) override {
    if (failNext > 0) {
      --failNext;
      return absl::UnavailableError("nftables: busy");
    }
    services = all;
    ++applied;
    return absl::OkStatus();
  }
};

/// Outlives the agent, like a disk.
class FakeCheckpoint final : public agent::Checkpoint {
 public:
  std::optional<api::WantedSet> saved;

  absl::StatusOr<api::WantedSet> load() override {
    if (!saved) return absl::NotFoundError("no checkpoint");
    return *saved;
  }

  absl::Status save(const api::WantedSet& wanted) override {
    saved = wanted;
    return absl::OkStatus();
  }
};

/// The controller's end of a session, in the hands of a test.
class FakeLink final : public agent::ControllerLink {
 public:
  std::optional<api::Hello> hello;
  std::vector<api::AgentMessage> sent;
  int restarts = 0;

  void start(Handler handler) override { handler_ = std::move(handler); }
  bool dialled() const { return handler_.onConnected != nullptr; }

  void connect() {
    hello = handler_.onConnected();
    for (const api::ObservedPod& each : hello->pods().pods()) note(each);
    connected_ = true;
  }

  void disconnect() {
    connected_ = false;
    handler_.onDisconnected();
  }

  void receive(const api::ControllerMessage& message) { handler_.onMessage(message); }

  void send(const api::AgentMessage& message) override {
    if (!connected_) return;
    sent.push_back(message);
    for (const api::ObservedPod& each : message.pods().pods()) note(each);
  }

  void restart() override { ++restarts; }

  /// The last report about each pod, by uid; and all events, as "Reason: message".
  std::map<std::string, api::ObservedPod> observed;
  std::vector<std::string> events;
  /// Every status that a pod was reported with.
  std::map<std::string, std::vector<schema::PodStatus>> statuses;
  /// A report came with a number that was not higher than the one before it.
  bool wentBackwards = false;

 private:
  void note(const api::ObservedPod& pod) {
    const auto before = observed.find(pod.uid());
    if (before != observed.end() && pod.sequence() <= before->second.sequence()) {
      wentBackwards = true;
    }
    observed[pod.uid()] = pod;
    statuses[pod.uid()].push_back(pod.status());
    for (const api::AgentEvent& each : pod.events()) {
      events.push_back(each.reason() + ": " + each.message());
    }
  }

  Handler handler_;
  bool connected_ = false;
};

}  // namespace gantry::support
