// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/api/records.pb.h"

namespace gantry::agent {

/// Sends what is addressed to a Service to one of its ready pods.
class ServiceProxy {
 public:
  virtual ~ServiceProxy() = default;

  /// Replaces all rules by those for `services`, in one transaction: no packet sees half of it.
  /// Rules stay when the agent ends. Errors: UNAVAILABLE, with what nftables said.
  virtual absl::Status apply(const std::vector<api::Endpoints>& services,
                             const std::string& clusterCidr) = 0;
};

}  // namespace gantry::agent
