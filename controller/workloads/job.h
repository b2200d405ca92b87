// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "controller/model/state.h"
#include "controller/workloads/pods.h"

namespace gantry::workloads {

struct JobInputs {
  const schema::Job& job;
  /// Those it owns, by name.
  std::vector<model::Ptr<model::Pod>> pods;
  /// An Application's inventory holds it: it stays when its time to live is over, and only its pods
  /// go. Were it gone, it would be missed as drift, made anew, and run again.
  bool isInInventory = false;
  base::Timestamp now;
};

struct JobPlan {
  /// How many pods to create.
  int create = 0;
  std::string createReason;
  std::vector<DeletePod> deletions;
  /// Pods whose end is in `status` from now on (Pod::counted), to be written together with it.
  std::vector<model::Name> counted;
  /// Its time to live is over.
  bool erase = false;
  schema::JobStatus status;
  std::optional<base::Timestamp> revisitAt;
};

/// One step of a Job, as Kubernetes' (facts AT-JOB-01 to 03): so many active pods as are still to
/// succeed, at most spec.parallelism at a time; after a failure not before 10 s, doubled by each
/// that follows it, 6 min at most. Two things are simpler than there, and both as with Kubernetes'
/// podFailurePolicy that ignores disruptions: a pod that was told to go before it ended is replaced
/// and never counted; and what has reached its completions is complete, whatever else is true.
/// Pure.
JobPlan planJob(const JobInputs& inputs);

/// How a Job fares, as its status says.
struct JobState {
  enum class Phase { kActive, kSuspended, kComplete, kFailed };
  Phase phase = Phase::kActive;
  /// One sentence: what failed, or how far it is. Empty if it is complete.
  std::string message;
};
JobState jobState(const schema::Job& job);

/// What is wrong with one of a Job's pods, rather one that was not counted before:
/// "migrate-x2k: migrate: exit code 3". Empty if nothing is. Pure.
std::string failureAmong(const std::vector<model::Ptr<model::Pod>>& pods);

/// What makes the pods of a Job its own: spec.selector, from its uid.
schema::LabelSelector selectorOf(const schema::Job& job);

/// The template of its pods: the Job's, with the labels that Kubernetes gives them.
schema::PodTemplateSpec podTemplateOf(const schema::Job& job);

/// How many pods a Job that is not finished runs at a time, at most.
int mostPodsOf(const schema::Job& job);

}  // namespace gantry::workloads
