// SPDX-License-Identifier: Apache-2.0
#include "app/client/health.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace gantry::client {
namespace {

const schema::Condition* condition(const google::protobuf::RepeatedPtrField<schema::Condition>& all,
                                   const char* type) {
  const auto found =
      std::ranges::find_if(all, [type](const schema::Condition& c) { return c.type() == type; });
  return found == all.end() ? nullptr : &*found;
}

std::string sentence(const schema::Condition& condition) {
  return condition.message().empty() ? condition.reason() : condition.message();
}

std::string terminatedText(const schema::ContainerStateTerminated& state) {
  const std::string reason = state.reason().empty() ? "Error" : state.reason();
  return absl::StrCat(reason, ", exit code ", state.exit_code());
}

/// Why one container does not do its work; the first one that has a reason speaks for the pod.
void judgeContainer(const schema::ContainerStatus& container, PodHealth& health) {
  const schema::ContainerState& state = container.state();
  const std::string& name = container.name();
  if (state.has_waiting() && !state.waiting().reason().empty()) {
    const std::string reason = state.waiting().reason();
    const bool starting = reason == "ContainerCreating" || reason == "PodInitializing";
    if (health.tone == Tone::kBad) return;
    health.status = reason;
    health.tone = starting ? Tone::kBusy : Tone::kBad;
    if (starting) return;
    health.why = state.waiting().message();
    if (container.last_state().has_terminated()) {
      health.why = terminatedText(container.last_state().terminated());
    }
    health.why = absl::StrCat(name, ": ", health.why.empty() ? reason : health.why);
  } else if (state.has_terminated() && state.terminated().exit_code() != 0) {
    health.status = state.terminated().reason().empty() ? "Error" : state.terminated().reason();
    health.tone = Tone::kBad;
    health.why = absl::StrCat(name, ": ", terminatedText(state.terminated()));
  }
}

Tone phaseTone(const std::string& phase) {
  if (phase == "Running" || phase == "Succeeded") return Tone::kGood;
  if (phase == "Pending" || phase.empty()) return Tone::kBusy;
  return phase == "Failed" ? Tone::kBad : Tone::kWarning;
}

}  // namespace

PodHealth podHealth(const schema::Pod& pod) {
  const schema::PodStatus& status = pod.status();
  PodHealth health;
  health.containers = pod.spec().containers_size();
  health.status = status.phase().empty() ? "Pending" : status.phase();
  health.tone = phaseTone(status.phase());
  for (const schema::ContainerStatus& container : status.container_statuses()) {
    health.ready += container.ready() ? 1 : 0;
    health.restarts += container.restart_count();
    judgeContainer(container, health);
  }
  for (const schema::ContainerStatus& container : status.init_container_statuses()) {
    judgeContainer(container, health);
  }
  if (pod.metadata().has_deletion_timestamp()) {
    health.status = "Terminating";
    health.tone = Tone::kBusy;
  }
  if (!status.reason().empty() && status.phase() == "Failed") health.status = status.reason();
  if (!health.why.empty()) return health;

  if (!status.message().empty()) health.why = status.message();
  if (const auto* scheduled = condition(status.conditions(), "PodScheduled");
      scheduled != nullptr && scheduled->status() == "False") {
    health.status = "Unschedulable";
    health.tone = Tone::kWarning;
    health.why = sentence(*scheduled);
  } else if (const auto* ready = condition(status.conditions(), "Ready");
             status.phase() == "Running" && ready != nullptr && ready->status() != "True" &&
             health.tone == Tone::kGood) {
    health.tone = Tone::kWarning;
    health.status = "Not ready";
    health.why = sentence(*ready);
  }
  return health;
}

DeploymentHealth deploymentHealth(const schema::Deployment& deployment) {
  const schema::DeploymentStatus& status = deployment.status();
  DeploymentHealth health;
  health.wanted = deployment.spec().has_replicas() ? deployment.spec().replicas() : 1;
  health.updated = status.updated_replicas();
  health.ready = status.ready_replicas();
  health.available = status.available_replicas();
  health.total = status.replicas();
  health.paused = deployment.spec().paused() || !status.paused_by().empty();

  const auto* progressing = condition(status.conditions(), "Progressing");
  const auto* failure = condition(status.conditions(), "ReplicaFailure");
  if (failure != nullptr && failure->status() == "True") health.why = sentence(*failure);
  if (health.paused && health.isRollingOut()) {
    health.status = "Paused";
    health.tone = Tone::kWarning;
    health.why = status.paused_by().empty()
                     ? "paused in the manifest"
                     : absl::StrCat("paused by ", status.paused_by(), ": ", status.paused_reason());
  } else if (progressing != nullptr && progressing->status() == "False") {
    health.status = "Stuck";
    health.tone = Tone::kBad;
    if (health.why.empty()) health.why = sentence(*progressing);
  } else if (health.updated < health.wanted || health.total > health.updated) {
    health.status = "Rolling out";
    health.tone = Tone::kBusy;
  } else if (health.available < health.wanted) {
    health.status = "Not ready";
    health.tone = health.available == 0 ? Tone::kBad : Tone::kWarning;
  } else {
    health.status = health.paused ? "Paused" : "Complete";
    health.tone = Tone::kGood;
  }
  if (health.why.empty() && health.tone != Tone::kGood) {
    health.why = absl::StrCat(health.available, " of ", health.wanted, " available");
  }
  return health;
}

JobHealth jobHealth(const schema::Job& job, base::Timestamp now) {
  const schema::JobStatus& status = job.status();
  JobHealth health;
  health.completions = absl::StrCat(status.succeeded());
  if (job.spec().has_completions()) {
    absl::StrAppend(&health.completions, "/", job.spec().completions());
  }
  const auto holds = [&](const char* type) {
    const auto* found = condition(status.conditions(), type);
    return found != nullptr && found->status() == "True" ? found : nullptr;
  };
  schema::Time end = status.completion_time();
  if (holds("Complete") != nullptr) {
    health.status = "Complete";
    health.tone = Tone::kGood;
  } else if (const auto* failed = holds("Failed")) {
    health.status = "Failed";
    health.tone = Tone::kBad;
    health.why = absl::StrCat(failed->reason(), ": ", failed->message());
    end = failed->last_transition_time();
  } else if (job.spec().suspend()) {
    health.status = "Suspended";
    health.tone = Tone::kWarning;
    health.why = "suspended in the manifest";
  } else if (status.active() > 0) {
    health.status = "Running";
    health.tone = Tone::kBusy;
  } else if (status.failures_in_a_row() > 0) {
    health.status = "Backing off";
    health.tone = Tone::kWarning;
  } else {
    health.status = "Waiting";
    health.tone = Tone::kBusy;
  }
  if (health.why.empty() && status.failed() > 0) {
    health.why = absl::StrCat(status.failed(), status.failed() == 1 ? " pod has" : " pods have",
                              " failed; the limit is ", job.spec().backoff_limit());
  }
  if (status.has_start_time()) {
    const base::Timestamp until = end.unix_ms() == 0 ? now : base::fromUnixMs(end.unix_ms());
    health.duration = until - base::fromUnixMs(status.start_time().unix_ms());
  }
  return health;
}

NodeHealth nodeHealth(const schema::Node& node) {
  NodeHealth health;
  const auto* ready = condition(node.status().conditions(), "Ready");
  health.ready = ready != nullptr && ready->status() == "True";
  if (!health.ready) {
    health.status = "Not ready";
    health.tone = Tone::kBad;
    health.why = ready == nullptr ? "the agent has not reported yet" : sentence(*ready);
    return health;
  }
  health.status = "Ready";
  health.tone = Tone::kGood;
  for (const schema::Condition& pressure : node.status().conditions()) {
    if (pressure.type() == "Ready" || pressure.status() != "True") continue;
    health.status = pressure.type();
    health.tone = Tone::kWarning;
    health.why = sentence(pressure);
  }
  if (node.spec().has_drain()) {
    health.status = "Draining";
    health.tone = Tone::kBusy;
    health.why =
        absl::StrCat("drained by ", node.spec().drain().by(), ": ", node.spec().drain().reason());
  } else if (node.spec().unschedulable()) {
    health.status = "Cordoned";
    health.tone = Tone::kWarning;
    health.why = absl::StrCat("cordoned by ", node.spec().unschedulable_by(), ": ",
                              node.spec().unschedulable_reason());
  }
  return health;
}

Tone applicationTone(const schema::Application& application) {
  const std::string& health = application.status().health();
  if (health == "Healthy") return Tone::kGood;
  if (health == "Progressing") return Tone::kBusy;
  if (health == "Degraded" || health == "Missing") return Tone::kBad;
  return Tone::kWarning;
}

}  // namespace gantry::client
