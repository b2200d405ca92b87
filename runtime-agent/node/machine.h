// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "manifests/schema/core.pb.h"

namespace gantry::agent {

/// What a machine has.
struct Machine {
  int cpus = 0;
  std::int64_t memoryBytes = 0;
  std::string hostname;
  /// "linux", "amd64": as Kubernetes names them.
  std::string operatingSystem;
  std::string architecture;
  /// "Debian GNU/Linux 12 (bookworm)".
  std::string osImage;
  std::string kernelVersion;
  std::string bootId;
};

/// Reads what this machine has. What cannot be read stays empty.
Machine readMachine();

/// What the agent says of a node: capacity, 110 pods (Kubernetes' limit), and what of it pods may
/// use: 100m of processors and 256 MiB, or a tenth of the memory if that is less, are kept back for
/// the agent, the runtime and the system.
schema::NodeStatus nodeStatus(const Machine& machine, const std::string& address);

/// kubernetes.io/os, kubernetes.io/arch, kubernetes.io/hostname, and `own` over them.
std::map<std::string, std::string> nodeLabels(const Machine& machine, const std::string& node,
                                              const std::map<std::string, std::string>& own);

/// This machine's address on the way to "host:port"; empty if there is no way. Sends nothing.
std::string addressTowards(const std::string& hostAndPort);

}  // namespace gantry::agent
