// SPDX-License-Identifier: Apache-2.0
#include "controller/workloads/deployment_status.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/workloads/replica_set.h"

namespace gantry::workloads {
namespace {

constexpr char kProgressing[] = "Progressing";
constexpr char kReplicaFailure[] = "ReplicaFailure";
constexpr char kComplete[] = "NewReplicaSetAvailable";
constexpr char kTimedOut[] = "ProgressDeadlineExceeded";
constexpr char kPaused[] = "DeploymentPaused";

const schema::Condition* find(const schema::DeploymentStatus& status, const std::string& type) {
  const auto found = std::ranges::find(status.conditions(), type, &schema::Condition::type);
  return found == status.conditions().end() ? nullptr : &*found;
}

void remove(schema::DeploymentStatus& status, const std::string& type) {
  auto& conditions = *status.mutable_conditions();
  const auto rest = std::remove_if(conditions.begin(), conditions.end(),
                                   [&](const auto& one) { return one.type() == type; });
  conditions.erase(rest, conditions.end());
}

struct Finding {
  const char* type;
  const char* status;
  std::string reason;
  std::string message;
};

// Kubernetes' SetDeploymentCondition: what was said already stays as it is, times included.
void set(schema::DeploymentStatus& status, const Finding& finding, base::Timestamp now,
         bool isRenewed = false) {
  schema::Condition next;
  next.set_type(finding.type);
  next.set_status(finding.status);
  next.set_reason(finding.reason);
  next.set_message(finding.message);
  next.mutable_last_update_time()->set_unix_ms(base::toUnixMs(now));
  next.mutable_last_transition_time()->set_unix_ms(base::toUnixMs(now));
  if (const schema::Condition* before = find(status, finding.type)) {
    const bool isSameStatus = before->status() == next.status();
    if (isSameStatus && before->reason() == next.reason() && !isRenewed) return;
    if (isSameStatus) *next.mutable_last_transition_time() = before->last_transition_time();
    remove(status, finding.type);
  }
  *status.add_conditions() = std::move(next);
}

void countReplicas(const RolloutView& view, schema::DeploymentStatus& status) {
  int size = 0, replicas = 0, ready = 0, available = 0;
  for (const SetView& one : view.sets) {
    size += one.size;
    replicas += one.active;
    ready += one.ready;
    available += one.available;
  }
  status.set_observed_generation(view.in.deployment.metadata().generation());
  status.set_replicas(replicas);
  status.set_updated_replicas(view.newest() == nullptr ? 0 : view.newest()->active);
  status.set_ready_replicas(ready);
  status.set_available_replicas(available);
  status.set_unavailable_replicas(std::max(0, size - available));
}

bool hasProgressed(const schema::DeploymentStatus& before, const schema::DeploymentStatus& now) {
  const auto old = [](const auto& status) { return status.replicas() - status.updated_replicas(); };
  return now.updated_replicas() > before.updated_replicas() || old(now) < old(before) ||
         now.ready_replicas() > before.ready_replicas() ||
         now.available_replicas() > before.available_replicas();
}

std::optional<base::Timestamp> deadlineAt(const RolloutView& view,
                                          const schema::DeploymentStatus& status) {
  const schema::Condition* progressing = find(status, kProgressing);
  if (!view.deadline || view.isPaused || progressing == nullptr ||
      progressing->reason() == kComplete || progressing->reason() == kTimedOut) {
    return std::nullopt;
  }
  return base::fromUnixMs(progressing->last_update_time().unix_ms()) + *view.deadline;
}

// Kubernetes' checkPausedConditions: that it was late is not forgotten by a pause.
void notePause(const RolloutView& view, schema::DeploymentStatus& status) {
  const schema::Condition* progressing = find(status, kProgressing);
  const std::string reason = progressing == nullptr ? "" : progressing->reason();
  if (view.isPaused && reason != kPaused && reason != kTimedOut) {
    set(status, {kProgressing, "Unknown", kPaused, "The rollout is paused"}, view.in.now);
  } else if (!view.isPaused && reason == kPaused) {
    set(status, {kProgressing, "Unknown", "DeploymentResumed", "The rollout is resumed"},
        view.in.now);
  }
}

void noteProgress(const RolloutView& view, const schema::DeploymentStatus& before,
                  schema::DeploymentStatus& status) {
  const schema::Condition* progressing = find(status, kProgressing);
  // Once complete, it stays so until the next rollout, even if pods fail.
  if (status.replicas() == status.updated_replicas() && progressing != nullptr &&
      progressing->reason() == kComplete) {
    return;
  }
  const std::string name = view.newest() == nullptr ? "" : view.newest()->name();
  const auto deadline = deadlineAt(view, status);
  if (isComplete(view, status)) {
    set(status,
        {kProgressing, "True", kComplete,
         absl::StrCat("ReplicaSet \"", name, "\" has successfully progressed")},
        view.in.now);
  } else if (hasProgressed(before, status)) {
    // Each progress starts the deadline anew.
    set(status,
        {kProgressing, "True", "ReplicaSetUpdated",
         absl::StrCat("ReplicaSet \"", name, "\" is progressing")},
        view.in.now, true);
  } else if (deadline && *deadline <= view.in.now) {
    set(status,
        {kProgressing, "False", kTimedOut,
         absl::StrCat("ReplicaSet \"", name, "\" has not progressed for ",
                      view.deadline->count() / 1000, " s")},
        view.in.now);
  }
}

void noteAvailable(const RolloutView& view, schema::DeploymentStatus& status) {
  const bool isEnough = status.available_replicas() >= view.minAvailable();
  const std::string message = absl::StrCat(status.available_replicas(), " available, at least ",
                                           view.minAvailable(), " wanted");
  set(status,
      {"Available", isEnough ? "True" : "False",
       isEnough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable", message},
      view.in.now);
}

// That pods could not be created is found by the ReplicaSets; the newest one's word counts most.
void noteReplicaFailure(const RolloutView& view, schema::DeploymentStatus& status) {
  const schema::Condition* failure = nullptr;
  for (const SetView& one : view.sets) {
    const auto& conditions = one.object().status().conditions();
    const auto found = std::ranges::find(conditions, kReplicaFailure, &schema::Condition::type);
    if (found != conditions.end() && (failure == nullptr || view.isNewest(one))) failure = &*found;
  }
  if (failure == nullptr) return remove(status, kReplicaFailure);
  set(status, {kReplicaFailure, failure->status().c_str(), failure->reason(), failure->message()},
      view.in.now);
}

}  // namespace

bool isComplete(const RolloutView& view, const schema::DeploymentStatus& status) {
  return status.updated_replicas() == view.desired && status.replicas() == view.desired &&
         status.available_replicas() == view.desired &&
         status.observed_generation() >= view.in.deployment.metadata().generation();
}

schema::DeploymentStatus statusAfter(const RolloutView& view, const StepTaken& step,
                                     schema::DeploymentStatus status) {
  const schema::DeploymentStatus before = view.in.deployment.status();
  countReplicas(view, status);
  if (!view.deadline) {
    remove(status, kProgressing);
  } else {
    notePause(view, status);
    if (step.createdNewest) {
      set(status,
          {kProgressing, "True", "NewReplicaSetCreated",
           absl::StrCat("Created new ReplicaSet \"", view.newest()->name(), "\"")},
          view.in.now, true);
    } else if (step.foundNewest) {
      set(status,
          {kProgressing, "True", "FoundNewReplicaSet",
           absl::StrCat("Found ReplicaSet \"", view.newest()->name(), "\" of the same template")},
          view.in.now, true);
    }
    if (step.isRollout) noteProgress(view, before, status);
  }
  noteAvailable(view, status);
  noteReplicaFailure(view, status);
  return status;
}

std::optional<base::Timestamp> nextLook(const RolloutView& view,
                                        const schema::DeploymentStatus& status) {
  std::optional<base::Timestamp> next = deadlineAt(view, status);
  for (const auto& pod : view.in.pods) {
    const auto at = nextAvailable(*pod, view.minReady, view.in.now);
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

}  // namespace gantry::workloads
