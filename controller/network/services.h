// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/model/state.h"

namespace gantry::network {

/// The addresses behind a Service: pods that its selector matches and that have an address, ordered
/// by pod. Ready only if the pod is Ready and not terminating, or publishNotReadyAddresses. Pure.
api::Endpoints endpointsFor(const schema::Service& service,
                            const std::vector<model::Ptr<model::Pod>>& podsInNamespace);

/// Environment that a pod gets for the Services of its namespace, as Kubernetes names it
/// (FRONT_SERVICE_HOST, FRONT_SERVICE_PORT, FRONT_SERVICE_PORT_HTTP, FRONT_PORT…). Pure.
std::vector<std::pair<std::string, std::string>> serviceEnvironment(
    const std::vector<api::Endpoints>& services);

/// The addresses and ports that are taken.
struct Allocations {
  std::set<std::string> clusterIps;
  std::set<int> nodePorts;
};
Allocations allocationsOf(const model::Table<schema::Service>& services);

/// Fills in clusterIP and node ports that a Service does not name: lowest free address of
/// `serviceCidr` ("10.96.0.0/16"), node ports from 30000-32767. Values once given stay. Errors:
/// RESOURCE_EXHAUSTED (none free), ALREADY_EXISTS (one that it names is taken), INVALID_ARGUMENT.
absl::StatusOr<schema::Service> allocate(schema::Service service, const Allocations& taken,
                                         const std::string& serviceCidr);

/// The n-th block of `prefixLength` bits in `clusterCidr`, lowest that is not in `taken`: a node's
/// range of pod addresses. Errors: RESOURCE_EXHAUSTED, INVALID_ARGUMENT.
absl::StatusOr<std::string> allocatePodCidr(const std::string& clusterCidr, int prefixLength,
                                            const std::set<std::string>& taken);

}  // namespace gantry::network
