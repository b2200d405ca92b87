// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/workloads/deployment.h"

namespace gantry::workloads {
namespace {

const schema::Condition* findFalse(const schema::PodStatus& status, const std::string& type) {
  for (const schema::Condition& condition : status.conditions()) {
    if (condition.type() == type && condition.status() == "False") return &condition;
  }
  return nullptr;
}

// Waiting for these is part of every start.
bool isOrdinaryWait(const std::string& reason) {
  return reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing";
}

/// Of what a container has left when it ended: the end of a log may be many lines long.
std::string lastLineOf(const std::string& message) {
  constexpr std::size_t kLongest = 200;
  std::string line = message.substr(message.rfind('\n') + 1);
  if (line.size() <= kLongest) return line;
  std::size_t end = kLongest;
  // Not within a character.
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  return absl::StrCat(line.substr(0, end), "…");
}

std::string ending(const schema::ContainerStateTerminated& terminated) {
  const std::string how = terminated.signal() != 0
                              ? absl::StrCat("signal ", terminated.signal())
                              : absl::StrCat("exit code ", terminated.exit_code());
  std::string text = terminated.reason().empty() || terminated.reason() == "Error"
                         ? how
                         : absl::StrCat(terminated.reason(), ", ", how);
  if (!terminated.message().empty()) absl::StrAppend(&text, ", ", lastLineOf(terminated.message()));

  return text;
}

std::string failureOfContainer(const schema::ContainerStatus& container) {
  const schema::ContainerState& state = container.state();
  if (state.has_terminated() && state.terminated().exit_code() != 0) {
    return absl::StrCat(container.name(), ": ", ending(state.terminated()));
  }
  if (!state.has_waiting() || isOrdinaryWait(state.waiting().reason())) return {};
  std::string text = absl::StrCat(container.name(), ": ", state.waiting().reason());
  if (container.last_state().has_terminated()) {
    absl::StrAppend(&text, ": ", ending(container.last_state().terminated()), ", ",
                    container.restart_count(), " restarts");
  } else if (!state.waiting().message().empty()) {
    absl::StrAppend(&text, ": ", state.waiting().message());
  }
  return text;
}

std::string firstFailure(const std::vector<PodReport>& pods) {
  for (const PodReport& report : pods) {
    const std::string failure = failureOf(report.status);
    if (!failure.empty()) return absl::StrCat(": ", report.pod, ": ", failure);
  }
  return {};
}

// The steps of a rollout in the order in which they come true; empty when all did.
std::string waitingFor(const schema::Deployment& deployment) {
  const schema::DeploymentStatus& status = deployment.status();
  const int replicas = deployment.spec().has_replicas() ? deployment.spec().replicas() : 1;
  const int updated = status.updated_replicas();
  if (status.observed_generation() < deployment.metadata().generation()) {
    return "the change is not looked at yet";
  }
  if (updated < replicas) {
    return absl::StrCat(updated, " of ", replicas, " new replicas are created");
  }
  if (status.replicas() > updated) {
    return absl::StrCat(status.replicas() - updated, " old replicas are still to go");
  }
  if (status.available_replicas() < updated) {
    return absl::StrCat(status.available_replicas(), " of ", updated, " new replicas are ready");
  }
  return {};
}

}  // namespace

std::string failureOf(const schema::PodStatus& status) {
  if (const auto* scheduled = findFalse(status, "PodScheduled")) {
    return absl::StrCat("cannot be scheduled: ", scheduled->message());
  }
  for (const auto* containers : {&status.init_container_statuses(), &status.container_statuses()}) {
    for (const schema::ContainerStatus& container : *containers) {
      std::string failure = failureOfContainer(container);
      if (!failure.empty()) return failure;
    }
  }
  if (status.phase() == "Failed")
    return absl::StrCat("failed: ", status.reason(), " ", status.message());
  for (const char* type : {"ContainersReady", "Ready"}) {
    const auto* condition = findFalse(status, type);
    if (condition != nullptr && !condition->message().empty()) return condition->message();
  }
  return {};
}

RolloutState rolloutState(const schema::Deployment& deployment,
                          const std::vector<PodReport>& pods) {
  using Phase = RolloutState::Phase;
  const schema::DeploymentStatus& status = deployment.status();
  const std::string waiting = waitingFor(deployment);
  if (deployment.spec().paused() || !status.paused_by().empty()) {
    const std::string by = status.paused_by().empty() ? "by its manifest"
                                                      : absl::StrCat("by ", status.paused_by(),
                                                                     ": ", status.paused_reason());
    return {Phase::kPaused, absl::StrCat("paused ", by)};
  }
  if (waiting.empty()) {
    return {Phase::kComplete, absl::StrCat(status.updated_replicas(), " replicas are ready")};
  }
  const auto progressing =
      std::ranges::find(status.conditions(), std::string("Progressing"), &schema::Condition::type);
  const bool isLate = progressing != status.conditions().end() &&
                      progressing->reason() == "ProgressDeadlineExceeded" &&
                      status.observed_generation() >= deployment.metadata().generation();
  return {
      isLate ? Phase::kFailed : Phase::kProgressing,
      absl::StrCat(isLate ? "no progress within the deadline: " : "", waiting, firstFailure(pods))};
}

}  // namespace gantry::workloads
