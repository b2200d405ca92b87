// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "runtime-agent/cri/runtime.h"
#include "runtime-agent/pods/environment.h"
#include "runtime-agent/pods/lane.h"
#include "runtime-agent/pods/planner.h"
#include "runtime-agent/pods/pod_record.h"
#include "runtime-agent/probes/prober.h"
#include "runtime-agent/volumes/volumes.h"

namespace gantry::agent {

/// What pods are made from, beside themselves.
struct World {
  NodeFacts node;
  ConfigSources sources;
  std::vector<api::Endpoints> services;
};

/// Carries out what the planner decides, and the probes: asks the runtime, and writes the answers
/// into the record. Executor's thread.
///
/// A record is owned by the agent alone. Answers hold it weakly: if it is gone when they come, so
/// may the runner be, and they are dropped.
class PodRunner {
 public:
  using Ref = std::shared_ptr<PodRecord>;

  struct Listener {
    /// The record has changed: plan again, report.
    std::function<void(const Ref&)> changed;
    /// Something was left unclear: look at the runtime.
    std::function<void()> look;
  };

  PodRunner(base::Executor& executor, Runtime& runtime, Prober& prober, Volumes& volumes,
            const World& world, int parallelPods, Listener listener);

  /// Deletes a log file or folder; left unset, logs stay.
  std::function<void(const std::string& path)> discardLog;

  void run(const Ref& pod, const Action& action);

  /// Tries the probes that are due.
  void probe(const Ref& pod);

  /// Counts the agent's changes; see observe().
  std::uint64_t stamp() const { return changes_; }

 private:
  using Weak = std::weak_ptr<PodRecord>;

  void runSandbox(const Ref& pod, const RunSandbox& action);
  void start(const Ref& pod, const StartContainer& action);
  void ensureImage(const Ref& pod, const StartContainer& action);
  void pull(const Ref& pod, const StartContainer& action, const std::string& image);
  void create(const Ref& pod, const StartContainer& action, const ImageInfo& image);
  void launch(const Ref& pod, const StartContainer& action, Lane::Ticket ticket);
  void launched(const Ref& pod, const StartContainer& action);
  void postStart(const Ref& pod, const std::string& name, const std::string& containerId);
  void stop(const Ref& pod, const StopContainer& action);
  void preStop(const Ref& pod, const StopContainer& action, std::function<void()> then);
  void stopNow(const Ref& pod, const StopContainer& action, base::Duration grace);
  void stopSandbox(const Ref& pod, const StopSandbox& action);
  void removeSandbox(const Ref& pod, const RemoveSandbox& action);
  void removeContainer(const Ref& pod, const RemoveContainer& action);
  void forget(const Ref& pod);
  void tryProbe(const Ref& pod, const schema::Container& container, ProbeKind kind);
  void probed(const Ref& pod, const std::string& name, ProbeKind kind, const ProbeResult& result);
  /// Runs a hook of a container; `done` gets an empty text, or why it failed.
  void hook(const Ref& pod, const schema::LifecycleHandler& handler, const std::string& name,
            const std::string& containerId, base::Duration timeout,
            std::function<void(const std::string&)> done);

  absl::StatusOr<ContainerSpec> specFor(const PodRecord& pod, const StartContainer& action,
                                        const ImageInfo& image);
  void begin(PodRecord& pod, const std::string& key, Work work);
  /// The operation on `key` is over. Unclear: it has to be looked at what it did.
  void end(const Ref& pod, const std::string& key, bool unclear = false);
  void trouble(PodRecord& pod, const std::string& name, std::string reason, std::string message);
  void event(PodRecord& pod, bool warning, std::string reason, std::string message);

  base::Executor& executor_;
  Runtime& runtime_;
  Prober& prober_;
  Volumes& volumes_;
  const World& world_;
  Listener listener_;
  std::shared_ptr<Lane> heavy_;
  std::shared_ptr<Lane> pulls_;
  std::uint64_t changes_ = 0;
};

}  // namespace gantry::agent
