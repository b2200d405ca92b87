// SPDX-License-Identifier: Apache-2.0
#include "controller/workloads/deployment.h"

#include <algorithm>

#include "controller/workloads/deployment_status.h"
#include "controller/workloads/revisions.h"
#include "controller/workloads/rolling_update.h"

namespace gantry::workloads {
namespace {

bool hasOldPods(const RolloutView& view) {
  return std::ranges::any_of(
      view.sets, [&](const SetView& set) { return !view.isNewest(set) && set.running > 0; });
}

void ensureNewest(RolloutView& view, schema::DeploymentStatus& status, StepTaken& step) {
  if (view.newest() != nullptr) return;
  addNewest(view, status);
  step.createdNewest = true;
}

void rollOver(RolloutView& view, schema::DeploymentStatus& status, StepTaken& step) {
  ensureNewest(view, status, step);
  // One direction a step: what was added must be seen available before more is taken.
  if (!growNewest(view)) shrinkOld(view);
}

void recreate(RolloutView& view, schema::DeploymentStatus& status, StepTaken& step) {
  if (emptyOld(view) || hasOldPods(view)) return;
  ensureNewest(view, status, step);
  growNewest(view);
}

bool sameAnnotations(const schema::ReplicaSet& set,
                     const std::map<std::string, std::string>& wanted) {
  const auto& annotations = set.metadata().annotations();
  return annotations.size() == wanted.size() && std::ranges::all_of(wanted, [&](const auto& pair) {
           const auto found = annotations.find(pair.first);
           return found != annotations.end() && found->second == pair.second;
         });
}

// The ReplicaSet as it shall be; nothing if it is so already.
std::optional<schema::ReplicaSet> changed(const RolloutView& view, const SetView& set) {
  const auto annotations = annotationsFor(view, set);
  const int minReadySeconds = view.in.deployment.spec().min_ready_seconds();
  const bool isSpecSame =
      set.size == set.sizeSeen() &&
      (set.size == 0 || set.object().spec().min_ready_seconds() == minReadySeconds);
  if (set.seen && isSpecSame && sameAnnotations(*set.seen, annotations)) return std::nullopt;

  schema::ReplicaSet next = set.object();
  next.mutable_spec()->set_replicas(set.size);
  next.mutable_spec()->set_min_ready_seconds(minReadySeconds);
  next.mutable_metadata()->mutable_annotations()->clear();
  next.mutable_metadata()->mutable_annotations()->insert(annotations.begin(), annotations.end());
  if (set.seen && !isSpecSame) {
    next.mutable_metadata()->set_generation(next.metadata().generation() + 1);
  }
  return next;
}

void addActions(const RolloutView& view, DeploymentPlan& plan) {
  for (const SetView& set : view.sets) {
    if (set.isDeleted) {
      const schema::ObjectMeta& metadata = set.object().metadata();
      plan.actions.push_back(DeleteReplicaSet{{metadata.namespace_(), metadata.name()},
                                              "older than revisionHistoryLimit keeps"});
      continue;
    }
    auto next = changed(view, set);
    if (!next) continue;
    if (!set.seen) {
      plan.actions.push_back(CreateReplicaSet{*std::move(next), "the template is new"});
    } else {
      plan.actions.push_back(UpdateReplicaSet{
          *std::move(next), set.reason.empty() ? "records revision and replicas" : set.reason});
    }
  }
}

}  // namespace

DeploymentPlan planDeployment(const DeploymentInputs& inputs) {
  DeploymentPlan plan;
  plan.status = inputs.deployment.status();
  RolloutView view = observe(inputs);
  StepTaken step;
  if (inputs.deployment.metadata().has_deletion_timestamp()) {
    plan.status = statusAfter(view, step, plan.status);
    return plan;
  }

  const bool isScaling = view.isPaused || isScaled(view);
  if (isScaling && mustWaitToScale(view)) {
    plan.status = statusAfter(view, step, plan.status);
    plan.revisitAt = nextLook(view, plan.status);
    return plan;
  }
  step.isRollout = !isScaling;
  if (isScaling) {
    scale(view);
  } else if (view.isRecreate) {
    recreate(view, plan.status, step);
  } else {
    rollOver(view, plan.status, step);
  }
  step.foundNewest = step.isRollout && isFoundAgain(view);
  plan.status = statusAfter(view, step, plan.status);
  // With the annotation that records it, or it would rise with every look.
  plan.status.set_revision(std::max(plan.status.revision(), newestRevision(view)));
  if (view.isPaused || isComplete(view, plan.status)) forgetOldRevisions(view);
  addActions(view, plan);
  plan.revisitAt = nextLook(view, plan.status);
  return plan;
}

}  // namespace gantry::workloads
