// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/time.h"
#include "manifests/schema/core.pb.h"

namespace gantry::agent {

enum class ProbeOutcome {
  kSuccess,
  kFailure,
  /// Nothing is known (the runtime is down): counts neither way (F-3).
  kUnknown,
};

struct ProbeResult {
  ProbeOutcome outcome = ProbeOutcome::kUnknown;
  /// "HTTP 503", "connection refused", "exit code 1".
  std::string detail;
};

/// One try of one probe.
struct ProbeRequest {
  schema::Probe probe;
  std::string containerId;
  std::string podIp;
  /// Named ports of the container, for http and tcp probes.
  std::vector<schema::ContainerPort> ports;
  base::Duration timeout = base::Duration(1'000);
};

/// Carries out probes. Calls return at once and answer on the executor's thread.
class Prober {
 public:
  virtual ~Prober() = default;
  virtual void probe(ProbeRequest request, std::function<void(ProbeResult)> done) = 0;
};

}  // namespace gantry::agent
