// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "runtime-agent/pods/pod_record.h"

namespace gantry::agent {

struct RunSandbox {
  std::uint32_t attempt = 0;
  bool operator==(const RunSandbox&) const = default;
};

/// Gets the image, makes the container and starts it.
struct StartContainer {
  std::string name;
  std::uint32_t attempt = 0;
  /// Set if it has been made already and only is to be started.
  std::string containerId;
  bool operator==(const StartContainer&) const = default;
};

/// Runs the preStop hook, asks the container to end, and kills it when `grace` has passed.
struct StopContainer {
  std::string name;
  std::string containerId;
  base::Duration grace;
  /// As people see it.
  std::string reason;
  bool operator==(const StopContainer&) const = default;
};

struct StopSandbox {
  std::string sandboxId;
  bool operator==(const StopSandbox&) const = default;
};

struct RemoveSandbox {
  std::string sandboxId;
  bool operator==(const RemoveSandbox&) const = default;
};

/// Removes a container that has ended, and its log.
struct RemoveContainer {
  std::string name;
  std::string containerId;
  bool operator==(const RemoveContainer&) const = default;
};

/// Nothing is left in the runtime: removes volumes and logs, and reports the pod as gone.
struct Forget {
  bool operator==(const Forget&) const = default;
};

using Action = std::variant<RunSandbox, StartContainer, StopContainer, StopSandbox, RemoveSandbox,
                            RemoveContainer, Forget>;

struct PodPlan {
  /// They may be done side by side: no two are about the same container, or about sandboxes.
  std::vector<Action> actions;
  /// When to plan again even if nothing happens.
  std::optional<base::Instant> revisitAt;
};

/// What to do next for a pod, from what is wanted, what was seen, and the time. Follows kubelet's
/// computePodActions: one ready sandbox, init containers one after another, then all containers;
/// what ended is restarted by the pod's policy and the back-off; a lost sandbox is replaced and its
/// containers with it. Pure.
PodPlan planPod(const PodRecord& record, base::Instant now);

/// Succeeded or Failed if the pod has ended for good, by its containers and its restart policy;
/// else nothing. Pure.
std::optional<std::string> terminalPhase(const PodRecord& record);

/// The newest init container of the newest sandbox that still has to run or to end; null if all
/// have succeeded, or if they need not run again because a container of the pod was made after
/// them.
const schema::Container* pendingInit(const PodRecord& record);

}  // namespace gantry::agent
