// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime-agent/cri/api.pb.h"
#include "runtime-agent/cri/runtime.h"

// Between the agent's words and CRI's. Pure.
namespace gantry::agent::cri {

runtime::v1::PodSandboxConfig sandboxConfig(const SandboxSpec& spec);

/// A mount's subPath counts as resolved into its hostPath already.
runtime::v1::ContainerConfig containerConfig(const SandboxSpec& sandbox, const ContainerSpec& spec);

/// Without an address: CRI lists none.
SeenSandbox seenSandbox(const runtime::v1::PodSandbox& sandbox);

/// Without times, exit code and log: CRI lists none.
SeenContainer seenContainer(const runtime::v1::Container& container);
void addDetails(const runtime::v1::ContainerStatus& status, SeenContainer& container);

ImageInfo imageInfo(const runtime::v1::Image& image);

}  // namespace gantry::agent::cri
