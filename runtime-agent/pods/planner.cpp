// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/pods/planner.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "runtime-agent/pods/container_spec.h"

namespace gantry::agent {
namespace {

// Of those of one name: the newest, and the one before it for `logs --previous`.
constexpr int kContainersKept = 2;

bool isAlive(const SeenContainer& container) {
  return container.phase == ContainerPhase::kRunning || container.phase == ContainerPhase::kUnknown;
}

void revisit(PodPlan& plan, base::Instant when) {
  plan.revisitAt = plan.revisitAt ? std::min(*plan.revisitAt, when) : when;
}

/// Stops what lives of the containers that `which` picks. True if none lives and none is changing.
template <class Which>
bool stopAll(const PodRecord& record, const std::string& reason, PodPlan& plan, Which which) {
  bool quiet = true;
  for (const SeenContainer& each : record.containers) {
    if (!which(each) || !isAlive(each)) continue;
    quiet = false;
    if (record.blocked(each.name)) continue;
    plan.actions.push_back(StopContainer{each.name, each.id, gracePeriod(record.pod),
                                         absl::StrCat("Stopping container ", each.name, reason)});
  }
  const bool changing = std::any_of(record.busy.begin(), record.busy.end(), [](const auto& each) {
    return each.second == Work::kChanging;
  });
  return quiet && !changing && record.unsure.empty();
}

/// Takes down the network of the first sandbox that still has one. True if none has.
bool stopSandboxes(const PodRecord& record, PodPlan& plan) {
  for (const SeenSandbox& each : record.sandboxes) {
    if (!each.ready && record.stoppedSandboxes.contains(each.id)) continue;
    plan.actions.push_back(StopSandbox{each.id});
    return false;
  }
  return true;
}

void planStop(const PodRecord& record, PodPlan& plan) {
  if (record.gone) return;
  if (!stopAll(record, "", plan, [](const SeenContainer&) { return true; })) return;
  if (!stopSandboxes(record, plan)) return;
  if (!record.sandboxes.empty()) {
    plan.actions.push_back(RemoveSandbox{record.sandboxes.back().id});
    return;
  }
  for (const SeenContainer& each : record.containers) {
    if (!record.blocked(each.name)) plan.actions.push_back(RemoveContainer{each.name, each.id});
    return;
  }
  plan.actions.push_back(Forget{});
}

/// One container that is more than what is kept of its name, if there is one and it is free.
void collectGarbage(const PodRecord& record, const std::string& name, PodPlan& plan) {
  if (record.blocked(name)) return;
  int kept = 0;
  for (const SeenContainer& each : record.containers) {
    if (each.name != name || ++kept <= kContainersKept || isAlive(each)) continue;
    plan.actions.push_back(RemoveContainer{name, each.id});
    return;
  }
}

/// Old sandboxes: their networks are taken down; they go when their last container has.
void cleanOldSandboxes(const PodRecord& record, PodPlan& plan) {
  for (std::size_t i = 1; i < record.sandboxes.size(); ++i) {
    const SeenSandbox& old = record.sandboxes[i];
    if (old.ready || !record.stoppedSandboxes.contains(old.id)) {
      plan.actions.push_back(StopSandbox{old.id});
      return;
    }
    const bool empty = std::none_of(record.containers.begin(), record.containers.end(),
                                    [&](const auto& each) { return each.sandboxId == old.id; });
    if (!empty) continue;
    plan.actions.push_back(RemoveSandbox{old.id});
    return;
  }
}

/// Starts a container that is not there or has ended, when its back-off is over.
void planStart(const PodRecord& record, const std::string& name, base::Instant now, PodPlan& plan) {
  const ContainerRecord& memory = recordOf(record, name);
  base::Instant when = now;
  if (memory.highestAttempt >= 0) when = std::max(when, memory.restarts.notBefore());
  if (memory.trouble) when = std::max(when, memory.trouble->retryAt);
  if (when > now) {
    revisit(plan, when);
    collectGarbage(record, name, plan);
    return;
  }
  plan.actions.push_back(
      StartContainer{name, static_cast<std::uint32_t>(memory.highestAttempt + 1), ""});
}

void planAlive(const PodRecord& record, const schema::Container& container,
               const SeenContainer& seen, PodPlan& plan) {
  const ContainerRecord& memory = recordOf(record, container.name());
  if (memory.kill && memory.kill->containerId == seen.id) {
    plan.actions.push_back(
        StopContainer{seen.name, seen.id, memory.kill->grace, memory.kill->reason});
  } else if (seen.phase == ContainerPhase::kUnknown) {
    plan.actions.push_back(
        StopContainer{seen.name, seen.id, gracePeriod(record.pod),
                      absl::StrCat("Container ", seen.name, " is in an unknown state")});
  } else if (!seen.specHash.empty() && seen.specHash != specHash(container)) {
    plan.actions.push_back(StopContainer{
        seen.name, seen.id, gracePeriod(record.pod),
        absl::StrCat("Container ", seen.name, " definition changed, will be restarted")});
  } else {
    collectGarbage(record, container.name(), plan);
  }
}

/// Brings one container of the newest sandbox to run, unless it has ended for good.
void planContainer(const PodRecord& record, const schema::Container& container,
                   const SeenSandbox& sandbox, bool isInit, base::Instant now, PodPlan& plan) {
  if (record.blocked(container.name())) return;
  const SeenContainer* seen = newestContainer(record, container.name());
  const bool here = seen != nullptr && seen->sandboxId == sandbox.id;
  // An init container runs again in every sandbox; others only as the restart policy says.
  if (seen == nullptr || (!here && isInit)) {
    planStart(record, container.name(), now, plan);
  } else if (isAlive(*seen)) {
    planAlive(record, container, *seen, plan);
  } else if (seen->phase == ContainerPhase::kCreated && here) {
    plan.actions.push_back(StartContainer{seen->name, seen->attempt, seen->id});
  } else if (seen->phase == ContainerPhase::kCreated ||
             restarts(record.pod.spec(), seen->exitCode)) {
    planStart(record, container.name(), now, plan);
  }
}

/// Replaces a sandbox that is not there or has died.
void planSandbox(const PodRecord& record, base::Instant now, PodPlan& plan) {
  const SeenSandbox* sandbox = newestSandbox(record);
  if (sandbox != nullptr) {
    const auto inIt = [&](const SeenContainer& each) { return each.sandboxId == sandbox->id; };
    if (!stopAll(record, ", its sandbox is lost", plan, inIt)) return;
    if (!stopSandboxes(record, plan)) return;
  }
  if (record.sandboxTrouble && record.sandboxTrouble->retryAt > now) {
    return revisit(plan, record.sandboxTrouble->retryAt);
  }
  plan.actions.push_back(RunSandbox{sandbox == nullptr ? 0 : sandbox->attempt + 1});
}

bool sandboxBlocked(const PodRecord& record) {
  return record.blocked(kSandboxKey);
}

/// An init container counts in the sandbox that it ran in.
bool initFailed(const PodRecord& record) {
  if (record.pod.spec().restart_policy() != "Never") return false;
  for (const schema::Container& each : record.pod.spec().init_containers()) {
    const SeenContainer* seen = newestContainer(record, each.name());
    if (seen != nullptr && seen->phase == ContainerPhase::kExited && seen->exitCode != 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

const schema::Container* pendingInit(const PodRecord& record) {
  const SeenSandbox* sandbox = newestSandbox(record);
  const schema::PodSpec& spec = record.pod.spec();
  if (sandbox != nullptr) {
    for (const schema::Container& each : spec.containers()) {
      if (newestContainer(record, each.name(), sandbox->id) != nullptr) return nullptr;
    }
  }
  for (const schema::Container& each : spec.init_containers()) {
    const SeenContainer* seen =
        sandbox == nullptr ? nullptr : newestContainer(record, each.name(), sandbox->id);
    const bool succeeded =
        seen != nullptr && seen->phase == ContainerPhase::kExited && seen->exitCode == 0;
    if (!succeeded) return &each;
  }
  return nullptr;
}

std::optional<std::string> terminalPhase(const PodRecord& record) {
  const std::string& phase = record.pod.status().phase();
  if (phase == "Succeeded" || phase == "Failed") return phase;
  const schema::PodSpec& spec = record.pod.spec();
  if (initFailed(record)) return "Failed";
  bool failed = false;
  for (const schema::Container& each : spec.containers()) {
    const SeenContainer* seen = newestContainer(record, each.name());
    // It ran once, the runtime has lost it, and it may not run again.
    const bool lost = seen == nullptr && spec.restart_policy() == "Never" &&
                      recordOf(record, each.name()).highestAttempt >= 0;
    if (lost) {
      failed = true;
      continue;
    }
    if (seen == nullptr || seen->phase != ContainerPhase::kExited) return std::nullopt;
    if (restarts(spec, seen->exitCode)) return std::nullopt;
    failed = failed || seen->exitCode != 0;
  }
  if (spec.containers().empty()) return std::nullopt;
  return failed ? "Failed" : "Succeeded";
}

PodPlan planPod(const PodRecord& record, base::Instant now) {
  PodPlan plan;
  if (sandboxBlocked(record)) return plan;
  if (record.stop) {
    planStop(record, plan);
    return plan;
  }
  if (!record.wanted) return plan;
  if (terminalPhase(record)) {
    // Its containers stay for their logs until the pod is deleted.
    if (stopAll(record, ", the pod has ended", plan, [](const auto&) { return true; })) {
      stopSandboxes(record, plan);
    }
    return plan;
  }
  const SeenSandbox* sandbox = newestSandbox(record);
  if (sandbox == nullptr || !sandbox->ready) {
    planSandbox(record, now, plan);
    return plan;
  }
  if (const schema::Container* init = pendingInit(record)) {
    planContainer(record, *init, *sandbox, true, now, plan);
    return plan;
  }
  for (const schema::Container& each : record.pod.spec().containers()) {
    planContainer(record, each, *sandbox, false, now, plan);
  }
  const bool changing = !record.busy.empty() || !plan.actions.empty();
  if (!changing) cleanOldSandboxes(record, plan);
  return plan;
}

}  // namespace gantry::agent
