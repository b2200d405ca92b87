// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/time.h"
#include "controller/api/agent.pb.h"
#include "manifests/schema/core.pb.h"
#include "runtime-agent/cri/runtime.h"
#include "runtime-agent/images/pull_policy.h"
#include "runtime-agent/pods/restart_backoff.h"
#include "runtime-agent/probes/probe_state.h"

// What the agent knows of a pod. The planner and the status are functions of it.
namespace gantry::agent {

/// Why something could not be made, and when that is tried again.
struct Trouble {
  /// ErrImagePull, CreateContainerConfigError, …: as people see it.
  std::string reason;
  std::string message;
  base::Instant since;
  base::Instant retryAt;
};

/// A decision to end a container that runs: its probe failed, its postStart hook failed.
struct Kill {
  std::string containerId;
  /// "Container web failed liveness probe, will be restarted".
  std::string reason;
  base::Duration grace;
};

/// What is remembered of the containers of one name, beyond what the runtime holds.
struct ContainerRecord {
  /// Of the newest container that there ever was; -1 before the first. The restart count.
  int highestAttempt = -1;
  /// The container that was last seen running, while it is; and its probes.
  std::string runningId;
  std::optional<ContainerProbes> probes;
  /// Newest container whose end has been counted.
  std::string endedId;
  RestartBackoff restarts;
  std::optional<Kill> kill;
  std::optional<Trouble> trouble;
  base::Backoff troubleBackoff{std::chrono::seconds(10), std::chrono::seconds(300)};
};

/// What is being done to a sandbox or a container.
enum class Work {
  /// Nothing is in the runtime yet, so that a stop need not wait for it.
  kPulling,
  kChanging,
};

/// The key of a pod's sandboxes in `busy` and `unsure`; containers go by their names.
inline constexpr char kSandboxKey[] = "";

struct PodRecord {
  /// As wanted; its status is the last that was built.
  schema::Pod pod;
  /// Wanted here, to run or to stop. What is not was seen in the runtime only.
  bool wanted = false;
  bool stop = false;
  /// Nothing of it is left.
  bool gone = false;

  /// Newest first.
  std::vector<SeenSandbox> sandboxes;
  std::vector<SeenContainer> containers;

  std::map<std::string, ContainerRecord> byName;
  PullBackoff pulls;
  std::optional<Trouble> sandboxTrouble;
  base::Backoff sandboxBackoff{std::chrono::seconds(1), std::chrono::seconds(60)};
  /// Sandboxes whose network has been taken down.
  std::set<std::string> stoppedSandboxes;
  /// What is being done.
  std::map<std::string, Work> busy;
  /// What an operation left unclear: nothing is done to it until the runtime has been looked at.
  std::set<std::string> unsure;
  /// Count of the last change by the agent itself: what was seen before it is stale.
  std::map<std::string, std::uint64_t> touched;

  /// Not yet reported.
  std::vector<api::AgentEvent> events;
  std::uint64_t sequence = 0;

  bool blocked(const std::string& key) const { return busy.contains(key) || unsure.contains(key); }
};

/// Null if there is none.
const SeenSandbox* newestSandbox(const PodRecord& record);

/// The newest container of that name; in that sandbox only, if one is given. Null if there is none.
const SeenContainer* newestContainer(const PodRecord& record, const std::string& name,
                                     const std::string& sandboxId = "");

/// The container of the manifest; null if it names none.
const schema::Container* findContainer(const schema::PodSpec& spec, const std::string& name);

const ContainerRecord& recordOf(const PodRecord& record, const std::string& name);

/// How long a pod may take to end: what its deletion says, else its spec, else 30 s.
base::Duration gracePeriod(const schema::Pod& pod);

/// Whether a container that ended with `exitCode` is to run again.
bool restarts(const schema::PodSpec& spec, int exitCode);

}  // namespace gantry::agent
