// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "controller/workloads/rollout_view.h"

namespace gantry::workloads {

/// Label of a ReplicaSet, its selector, its template and so its pods: which template they are from.
inline constexpr char kTemplateHashLabel[] = "pod-template-hash";
/// Annotations of a ReplicaSet, as Kubernetes names them.
inline constexpr char kRevision[] = "deployment.kubernetes.io/revision";
inline constexpr char kRevisionHistory[] = "deployment.kubernetes.io/revision-history";
inline constexpr char kDesiredReplicas[] = "deployment.kubernetes.io/desired-replicas";
inline constexpr char kMaxReplicas[] = "deployment.kubernetes.io/max-replicas";

/// The revision number of a ReplicaSet; 0 if it has none.
std::int64_t revisionOf(const schema::ReplicaSet& set);

/// The number in one of its annotations; nothing if there is none.
std::optional<int> stampOf(const schema::ReplicaSet& set, const char* annotation);

/// The oldest ReplicaSet whose template is the Deployment's, pod-template-hash aside.
std::optional<std::size_t> findNewest(const RolloutView& view);

/// Adds the ReplicaSet for the Deployment's template, of size 0, to `view`. Where its name is taken
/// by another template, `status.collision_count` is raised until it is free (AT-DEP-08).
void addNewest(RolloutView& view, schema::DeploymentStatus& status);

/// Whether the newest ReplicaSet was an old one before: it is rolled back to.
bool isFoundAgain(const RolloutView& view);

/// The revision that the newest ReplicaSet has after this step: its own if that is the highest,
/// else the next one. 0 if there is none.
std::int64_t newestRevision(const RolloutView& view);

/// The annotations that a ReplicaSet shall have after this step: the newest one the highest
/// revision (AT-DEP-09) and the Deployment's annotations, each one in use the numbers that
/// proportional scaling starts from.
std::map<std::string, std::string> annotationsFor(const RolloutView& view, const SetView& set);

/// Marks old, empty ReplicaSets beyond revisionHistoryLimit as deleted, lowest revision first.
void forgetOldRevisions(RolloutView& view);

}  // namespace gantry::workloads
