// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace gantry::agent {

/// What the pod network of a node is made from.
struct CniOptions {
  std::string name = "gantry";
  /// The node's range of addresses: "10.244.3.0/24". The first address is the gateway's.
  std::string podCidr;
  /// Where the addresses that are in use are kept; of this node alone.
  std::string dataFolder;
  int mtu = 1500;
};

/// The text of a CNI network configuration list (0.4.0) for a runtime's conf_dir, for example
/// as 10-gantry.conflist: a link of its own from each pod to the node (ptp), addresses from the
/// range (host-local), host ports (portmap). Pure.
///
/// Links instead of one bridge: all that a pod sends is routed by the node, also to a neighbour, so
/// that answers of a Service pass the node's address translation again. On a bridge they do that
/// only with br_netfilter, which Debian does not load.
///
/// Error: INVALID_ARGUMENT (podCidr is not an IPv4 range).
absl::StatusOr<std::string> cniConfig(const CniOptions& options);

}  // namespace gantry::agent
