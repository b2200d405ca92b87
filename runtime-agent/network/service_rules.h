// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/api/records.pb.h"

namespace gantry::agent {

/// The commands for nft that replace the table `table` (family ip) by one for these Services; the
/// same Services in any order give the same text. Pure.
///
/// - What is sent to a Service's cluster address, or to its node port on any address of the node
///   but 127.0.0.0/8, goes to one of its ready endpoints, each new connection by chance.
/// - Where there is none, and for ports that a cluster address does not have, it is refused: TCP by
///   a reset, all else by ICMP.
/// - The node's address takes the sender's place when a pod reaches itself, when the sender is no
///   pod, and when a pod speaks to the world outside of `clusterCidr`.
///
/// `clusterCidr` empty: nothing is done for what leaves the cluster. Services without an address
/// (headless) have only their node ports. Error: INVALID_ARGUMENT (an address, port, protocol or
/// name that is none: nothing that came over the wire is pasted into a command unchecked).
absl::StatusOr<std::string> serviceRules(const std::vector<api::Endpoints>& services,
                                         const std::string& clusterCidr, const std::string& table);

}  // namespace gantry::agent
