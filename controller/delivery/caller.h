// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace gantry::delivery {

/// Who asks, as authenticated by the server; authorisation has happened there already.
struct Caller {
  /// "ana": the common name of the client certificate.
  std::string identity;
  /// An admin of the cluster, whom no Project limits.
  bool isAdmin = false;
};

}  // namespace gantry::delivery
