// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/model/state.h"

namespace gantry::network {

/// The addresses behind a Service: pods that its selector matches and that have an address, ordered
/// by pod. Ready only if the pod is Ready and not terminating, or publishNotReadyAddresses
/// (AT-SVC-06). A named targetPort is looked up in each pod; in `targets`, 0 stands for a pod
/// without such a port, which is not to be used for that port. A Service without selector has no
/// addresses. Pure.
api::Endpoints endpointsFor(const schema::Service& service,
                            const std::vector<model::Ptr<model::Pod>>& podsInNamespace);

/// The addresses and ports that are taken.
struct Allocations {
  std::set<std::string> clusterIps;
  std::set<int> nodePorts;
};
/// Those of all Services but `except`, which is about to get its own.
Allocations allocationsOf(const model::Table<schema::Service>& services,
                          const model::Name& except = {});

/// Fills in clusterIP and node ports that a Service does not name: what `previous`, the Service as
/// it was, had; else the lowest free address of `serviceCidr` ("10.96.0.0/16"), and node ports from
/// 30086-32767, then 30000-30085 (AT-SVC-03: the lower band is kept for those that are named). One
/// node port may serve several protocols of one Service. `taken` is without the Service's own.
/// Errors: RESOURCE_EXHAUSTED (none free), ALREADY_EXISTS (one that it names is taken),
/// INVALID_ARGUMENT.
absl::StatusOr<schema::Service> allocate(schema::Service service, const Allocations& taken,
                                         const std::string& serviceCidr,
                                         const schema::Service* previous = nullptr);

/// The lowest block of `prefixLength` bits in `clusterCidr` that overlaps none of `taken`: a node's
/// range of pod addresses. Errors: RESOURCE_EXHAUSTED, INVALID_ARGUMENT.
absl::StatusOr<std::string> allocatePodCidr(const std::string& clusterCidr, int prefixLength,
                                            const std::set<std::string>& taken);

}  // namespace gantry::network
