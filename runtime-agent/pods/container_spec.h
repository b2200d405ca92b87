// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "manifests/schema/core.pb.h"
#include "runtime-agent/cri/runtime.h"
#include "runtime-agent/pods/environment.h"

// From a Pod to what the runtime is asked for. Pure.
namespace gantry::agent {

/// Where the logs of a pod's containers are (runtime-agent/logs/log_files.h).
std::string podLogDirectory(const std::string& podLogRoot, const schema::Pod& pod);

SandboxSpec makeSandboxSpec(const schema::Pod& pod, std::uint32_t attempt, const NodeFacts& node);

/// What a container is made from, apart from its pod and its attempt.
struct ContainerInputs {
  EnvironmentInputs environment;
  /// Volume name → path on the host.
  const std::map<std::string, std::string>& volumes;
  const ImageInfo& image;
};

/// Errors: as buildEnvironment; FAILED_PRECONDITION where runAsNonRoot cannot be kept.
absl::StatusOr<ContainerSpec> makeContainerSpec(const schema::Container& container,
                                                std::uint32_t attempt,
                                                const ContainerInputs& inputs);

/// Sets cpu and memory as Kubernetes does (AT-QOS-02): shares = max(2, request · 1024 / 1000),
/// quota = max(1000 µs, limit · 100) in a period of 100 ms; a request that is not set is the limit.
void setLimits(const schema::Container& container, ContainerSpec& spec);

/// What changes when the container has to be made anew.
std::string specHash(const schema::Container& container);

/// Guaranteed, Burstable or BestEffort (AT-QOS-01).
std::string qosClass(const schema::PodSpec& spec);

/// How willing the kernel is to kill a container when memory runs out: Guaranteed -997, BestEffort
/// 1000, Burstable by its share of the node's memory, 2 to 999, as kubelet.
std::int64_t oomScoreAdj(const schema::PodSpec& spec, const schema::Container& container,
                         std::int64_t nodeMemoryBytes);

}  // namespace gantry::agent
