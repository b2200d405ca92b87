// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "runtime-agent/pods/agent.h"
#include "tests/sim/network.h"
#include "tests/support/agent_parts.h"
#include "tests/support/fake_runtime.h"

namespace gantry::sim {

/// A machine with its container runtime, and the agent on it, which comes and goes.
class SimNode {
 public:
  SimNode(Clock& clock, Network& network, std::string name, int cpuMillis);
  ~SimNode();

  const std::string& name() const { return name_; }
  bool isAgentUp() const { return agent_ != nullptr; }
  bool isOn() const { return isOn_; }

  void startAgent();
  /// kill -9: containers run on.
  void killAgent();
  /// Power off: nothing runs any more; the disk is kept.
  void powerOff();
  void powerOn();

  support::FakeRuntime& runtime() { return runtime_; }
  const support::FakeRuntime& runtime() const { return runtime_; }
  const support::FakeServiceProxy& proxy() const { return proxy_; }

  // ---- faults

  /// One save of the checkpoint in so many is the last thing that the agent does. 0: none.
  int oneCrashIn = 0;
  /// One probe in so many fails. 0: none.
  int oneProbeFailureIn = 0;
  /// One hint of the runtime in so many is lost, so that only looking finds out. 0: none.
  int oneLostHintIn = 0;

 private:
  /// The agent's disk, on which every save may be the last.
  class Disk final : public agent::Checkpoint {
   public:
    explicit Disk(SimNode& node) : node_(node) {}
    absl::StatusOr<api::WantedSet> load() override { return kept_.load(); }
    absl::Status save(const api::WantedSet& wanted) override;

   private:
    SimNode& node_;
    support::FakeCheckpoint kept_;
  };

  /// Probes of containers, by what runs in them.
  class Prober final : public agent::Prober {
   public:
    explicit Prober(SimNode& node) : node_(node) {}
    void probe(agent::ProbeRequest request, std::function<void(agent::ProbeResult)> done) override;

   private:
    SimNode& node_;
  };

  agent::ProbeResult tryProbe(const std::string& containerId);

  Clock& clock_;
  Network& network_;
  const std::string name_;
  Process machine_;
  Process process_;
  support::FakeRuntime runtime_;
  support::FakeVolumes volumes_;
  support::FakeServiceProxy proxy_;
  Disk disk_;
  Prober prober_;
  schema::NodeStatus status_;
  std::unique_ptr<Link> link_;
  std::unique_ptr<agent::Agent> agent_;
  bool isOn_ = true;
};

}  // namespace gantry::sim
