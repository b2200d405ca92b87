// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "manifests/schema/apps.pb.h"
#include "manifests/schema/batch.pb.h"
#include "manifests/schema/core.pb.h"
#include "manifests/schema/gantry.pb.h"
#include "manifests/schema/policy.pb.h"
#include "manifests/validate/problems.h"

// The rules of one kind, or of a part that kinds share. Each takes what it looks at with defaults
// applied, and where that stands.
namespace gantry::manifests {

inline constexpr int kMaxPort = 65535;

void checkMetadata(const Kind& kind, const schema::ObjectMeta& metadata, const FieldPath& path,
                   Problems& problems);
void checkLabels(const google::protobuf::Map<std::string, std::string>& labels,
                 const FieldPath& path, Problems& problems);

void check(const schema::Namespace& ns, Problems& problems);
void check(const schema::ConfigMap& configMap, Problems& problems);
void check(const schema::Secret& secret, Problems& problems);
void check(const schema::Service& service, Problems& problems);
void check(const schema::Pod& pod, Problems& problems);
void check(const schema::ReplicaSet& replicaSet, Problems& problems);
void check(const schema::Deployment& deployment, Problems& problems);
void check(const schema::Job& job, Problems& problems);
void check(const schema::PodDisruptionBudget& budget, Problems& problems);
void check(const schema::Application& application, Problems& problems);
void check(const schema::Project& project, Problems& problems);
void check(const schema::ApplicationSet& set, Problems& problems);

/// Of a sync window, in an Application or in a Project.
/// The number or percentage; nothing, and an error, if it is neither.
std::optional<int> countOrPercent(const schema::IntOrString& value, const FieldPath& path,
                                  Problems& problems);

void checkWindow(const schema::SyncWindow& window, const FieldPath& path, Problems& problems);

void checkPodSpec(const schema::PodSpec& spec, const FieldPath& path, Problems& problems);
void checkVolumes(const schema::PodSpec& spec, const FieldPath& path, Problems& problems);
/// Containers of one list, which know the volumes and the network of `spec`.
void checkContainer(const schema::Container& container, const schema::PodSpec& spec, bool init,
                    const FieldPath& path, Problems& problems);
void checkProbes(const schema::Container& container, const FieldPath& path, Problems& problems);
void checkLifecycle(const schema::Container& container, const FieldPath& path, Problems& problems);
void checkEnvironment(const schema::Container& container, const FieldPath& path,
                      Problems& problems);
void checkResources(const schema::ResourceRequirements& resources, const FieldPath& path,
                    Problems& problems);

}  // namespace gantry::manifests
