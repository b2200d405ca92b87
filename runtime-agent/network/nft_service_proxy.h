// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "runtime-agent/network/service_proxy.h"

namespace gantry::agent {

/// Services by nftables, in one table of its own (family ip), replaced as a whole in one
/// transaction; nothing outside of it is touched. Works on the network namespace of the calling
/// thread. A call that changes nothing costs nothing. Needs root; blocks for some milliseconds.
class NftServiceProxy final : public ServiceProxy {
 public:
  /// `table`: its name, which nobody else uses.
  explicit NftServiceProxy(std::string table = "gantry");

  /// Error beside UNAVAILABLE: INVALID_ARGUMENT (a Service that is not valid; all rules stay).
  absl::Status apply(const std::vector<api::Endpoints>& services,
                     const std::string& clusterCidr) override;

  /// Deletes the table: for taking Gantry off a node. Idempotent.
  absl::Status remove();

 private:
  std::string table_;
  std::string applied_;
};

}  // namespace gantry::agent
