// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"

namespace gantry::agent {

/// What the command line of gantry-agent says.
struct AgentOptions {
  /// "host:port".
  std::string controller;
  std::string token;
  std::string tokenFile;
  std::string dataDir = "/var/lib/gantry/agent";
  /// Default: the host's name.
  std::string nodeName;
  std::string runtimeEndpoint = "unix:///run/containerd/containerd.sock";
  std::string cniConfDir = "/etc/cni/net.d";
  /// Of the pod network, in the runtime's configuration: tells several agents on one machine apart.
  std::string network = "gantry";
  std::string nftTable = "gantry";
  std::string podLogRoot = "/var/log/gantry/pods";
  /// Default: this machine's address on the way to the controller.
  std::string address;
  base::LogLevel logLevel = base::LogLevel::kInfo;
  std::map<std::string, std::string> labels;
  /// Joins the cluster and ends.
  bool joinOnly = false;
  /// Removes everything that the agent has made on this machine, and ends.
  bool leave = false;
};

/// Parses the command line; where there is nothing to run (--help, --version, a mistake), prints
/// what there is to say and gives the exit code instead.
std::optional<AgentOptions> parseOptions(int argc, char** argv, int& exitCode);

}  // namespace gantry::agent
