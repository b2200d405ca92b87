// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/pods/pod_status.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "runtime-agent/pods/container_spec.h"
#include "runtime-agent/pods/planner.h"

namespace gantry::agent {
namespace {

// A failed pull is shown as ErrImagePull for so long, then as ImagePullBackOff.
constexpr base::Duration kErrorShown = std::chrono::seconds(1);

void setTime(base::Timestamp time, schema::Time* to) {
  to->set_unix_ms(base::toUnixMs(time));
}

schema::ContainerStateTerminated terminated(const SeenContainer& seen) {
  schema::ContainerStateTerminated state;
  state.set_exit_code(seen.exitCode);
  // As shells count: 128 and the signal.
  if (seen.exitCode > 128 && seen.exitCode < 160) state.set_signal(seen.exitCode - 128);
  state.set_reason(!seen.reason.empty() ? seen.reason
                                        : (seen.exitCode == 0 ? "Completed" : "Error"));
  state.set_message(seen.message);
  if (seen.startedAt > base::Timestamp()) setTime(seen.startedAt, state.mutable_started_at());
  setTime(seen.finishedAt, state.mutable_finished_at());
  state.set_container_id(seen.id);
  return state;
}

std::string seconds(base::Duration duration) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  return whole < 60 ? absl::StrCat(whole, "s") : absl::StrFormat("%dm%ds", whole / 60, whole % 60);
}

/// Whether a container that is there, but ended, waits for its next start.
bool waitsForRestart(const PodRecord& record, const SeenContainer& seen, base::Instant now) {
  if (record.stop || terminalPhase(record)) return false;
  return restarts(record.pod.spec(), seen.exitCode) &&
         recordOf(record, seen.name).restarts.notBefore() > now;
}

schema::ContainerStateWaiting waiting(const PodRecord& record, const schema::Container& container,
                                      bool isInit, base::Instant now) {
  schema::ContainerStateWaiting state;
  const ContainerRecord& memory = recordOf(record, container.name());
  if (memory.trouble) {
    const bool old = now - memory.trouble->since >= kErrorShown;
    const bool pull = memory.trouble->reason == "ErrImagePull";
    state.set_reason(pull && old ? "ImagePullBackOff" : memory.trouble->reason);
    state.set_message(pull && old ? absl::StrCat("Back-off pulling image \"", container.image(),
                                                 "\": ", memory.trouble->message)
                                  : memory.trouble->message);
    return state;
  }
  if (record.sandboxTrouble) {
    state.set_reason("ContainerCreating");
    state.set_message(record.sandboxTrouble->message);
    return state;
  }
  const bool initializing = !isInit && pendingInit(record) != nullptr;
  const bool otherInit =
      isInit && pendingInit(record) != nullptr && pendingInit(record)->name() != container.name();
  state.set_reason(initializing || otherInit ? "PodInitializing" : "ContainerCreating");
  return state;
}

void setState(const PodRecord& record, const schema::Container& container, bool isInit,
              const SeenContainer* seen, base::Instant now, schema::ContainerState* state) {
  const ContainerRecord& memory = recordOf(record, container.name());
  if (seen == nullptr) {
    if (terminalPhase(record) && memory.highestAttempt >= 0) {
      state->mutable_terminated()->set_exit_code(137);
      state->mutable_terminated()->set_reason("ContainerStatusUnknown");
      state->mutable_terminated()->set_message("the runtime has lost the container");
      return;
    }
    *state->mutable_waiting() = waiting(record, container, isInit, now);
  } else if (seen->phase == ContainerPhase::kRunning || seen->phase == ContainerPhase::kUnknown) {
    setTime(seen->startedAt, state->mutable_running()->mutable_started_at());
  } else if (seen->phase == ContainerPhase::kCreated || memory.trouble) {
    *state->mutable_waiting() = waiting(record, container, isInit, now);
  } else if (waitsForRestart(record, *seen, now)) {
    state->mutable_waiting()->set_reason("CrashLoopBackOff");
    state->mutable_waiting()->set_message(
        absl::StrCat("back-off ", seconds(memory.restarts.delay()), " restarting failed container ",
                     container.name(), ", exit code ", seen->exitCode));
  } else {
    *state->mutable_terminated() = terminated(*seen);
  }
}

schema::ContainerStatus containerStatus(const PodRecord& record, const schema::Container& container,
                                        bool isInit, base::Instant now) {
  schema::ContainerStatus status;
  const ContainerRecord& memory = recordOf(record, container.name());
  const SeenContainer* seen = newestContainer(record, container.name());
  status.set_name(container.name());
  status.set_image(container.image());
  status.set_restart_count(std::max(0, memory.highestAttempt));
  setState(record, container, isInit, seen, now, status.mutable_state());
  if (seen != nullptr) {
    status.set_image_id(seen->imageRef);
    status.set_container_id(seen->id);
  }
  const bool runs =
      seen != nullptr && seen->phase == ContainerPhase::kRunning && memory.probes.has_value();
  status.set_started(runs && memory.probes->started());
  status.set_ready(isInit ? status.state().has_terminated() &&
                                status.state().terminated().exit_code() == 0
                          : runs && memory.probes->ready());
  // The newest that has ended, if it is not shown as the state already.
  for (const SeenContainer& each : record.containers) {
    const bool shown = status.state().has_terminated() && &each == seen;
    if (each.name != container.name() || each.phase != ContainerPhase::kExited || shown) continue;
    *status.mutable_last_state()->mutable_terminated() = terminated(each);
    break;
  }
  return status;
}

std::string phaseOf(const PodRecord& record, const schema::PodStatus& status) {
  if (const std::optional<std::string> phase = terminalPhase(record)) return *phase;
  bool running = false;
  bool failed = false;
  bool neverStarted = false;
  for (const schema::ContainerStatus& each : status.container_statuses()) {
    running = running || each.state().has_running();
    const bool ran = each.state().has_terminated() || each.last_state().has_terminated();
    neverStarted = neverStarted || (!each.state().has_running() && !ran);
    failed =
        failed || (each.state().has_terminated() && each.state().terminated().exit_code() != 0);
  }
  const bool changing = std::any_of(record.busy.begin(), record.busy.end(),
                                    [](const auto& each) { return each.first != kSandboxKey; });
  const bool stopped = record.stop && !running && !changing;
  if (stopped) return failed || neverStarted ? "Failed" : "Succeeded";
  if (record.pod.status().phase() == "Running") return "Running";
  return neverStarted || status.container_statuses().empty() ? "Pending" : "Running";
}

void addCondition(const schema::PodStatus& before, const char* type, bool holds,
                  const std::string& reason, const std::string& message, base::Timestamp wallNow,
                  schema::PodStatus& status) {
  schema::Condition* condition = status.add_conditions();
  condition->set_type(type);
  condition->set_status(holds ? "True" : "False");
  condition->set_reason(reason);
  condition->set_message(message);
  setTime(wallNow, condition->mutable_last_transition_time());
  for (const schema::Condition& old : before.conditions()) {
    if (old.type() != type || old.status() != condition->status()) continue;
    *condition->mutable_last_transition_time() = old.last_transition_time();
  }
}

void addConditions(const PodRecord& record, base::Timestamp wallNow, schema::PodStatus& status) {
  const schema::PodStatus& before = record.pod.status();
  const bool succeeded = status.phase() == "Succeeded";
  std::vector<std::string> unready;
  for (const schema::ContainerStatus& each : status.container_statuses()) {
    if (!each.ready()) unready.push_back(each.name());
  }
  const schema::Container* init = succeeded ? nullptr : pendingInit(record);
  const bool ready = unready.empty() && init == nullptr && status.phase() == "Running";
  const std::string reason = ready ? "" : succeeded ? "PodCompleted" : "ContainersNotReady";
  const std::string message =
      ready || unready.empty()
          ? ""
          : absl::StrCat("containers with unready status: [", absl::StrJoin(unready, " "), "]");
  addCondition(before, "PodScheduled", true, "", "", wallNow, status);
  addCondition(before, "Initialized", init == nullptr,
               init == nullptr ? "" : "ContainersNotInitialized",
               init == nullptr ? "" : absl::StrCat("waits for init container ", init->name()),
               wallNow, status);
  addCondition(before, "ContainersReady", ready, reason, message, wallNow, status);
  addCondition(before, "Ready", ready, reason, message, wallNow, status);
}

}  // namespace

schema::PodStatus buildStatus(const PodRecord& record, const std::string& hostIp, base::Instant now,
                              base::Timestamp wallNow) {
  const schema::PodStatus& before = record.pod.status();
  const schema::PodSpec& spec = record.pod.spec();
  schema::PodStatus status;
  status.set_host_ip(hostIp);
  const SeenSandbox* sandbox = newestSandbox(record);
  if (spec.host_network()) {
    status.set_pod_ip(hostIp);
  } else {
    status.set_pod_ip(sandbox != nullptr && !sandbox->ip.empty() ? sandbox->ip : before.pod_ip());
  }
  if (before.has_start_time()) {
    *status.mutable_start_time() = before.start_time();
  } else {
    setTime(wallNow, status.mutable_start_time());
  }
  for (const schema::Container& each : spec.init_containers()) {
    *status.add_init_container_statuses() = containerStatus(record, each, true, now);
  }
  for (const schema::Container& each : spec.containers()) {
    *status.add_container_statuses() = containerStatus(record, each, false, now);
  }
  status.set_qos_class(qosClass(spec));
  status.set_observed_generation(record.pod.metadata().generation());
  status.set_phase(phaseOf(record, status));
  addConditions(record, wallNow, status);
  return status;
}

std::optional<base::Instant> statusRevisit(const PodRecord& record, base::Instant now) {
  std::optional<base::Instant> when;
  for (const auto& [name, memory] : record.byName) {
    if (!memory.trouble) continue;
    const base::Instant change = memory.trouble->since + kErrorShown;
    if (change > now) when = when ? std::min(*when, change) : change;
  }
  return when;
}

}  // namespace gantry::agent
