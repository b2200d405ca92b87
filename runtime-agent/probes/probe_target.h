// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime-agent/cri/runtime.h"
#include "runtime-agent/probes/prober.h"

namespace gantry::agent {

/// Where an http or tcp try goes, and what it sends.
struct ProbeTarget {
  /// "http://10.244.0.7:8080/healthz"; a tcp probe has "http" and no path.
  std::string url;
  bool connectOnly = false;
  /// "Name: value" lines as libcurl takes them: "Name:" leaves out a header that it would send.
  std::vector<std::string> headers;
};

/// Errors: INVALID_ARGUMENT (a named port that the container does not have, a port out of range).
absl::StatusOr<ProbeTarget> probeTarget(const ProbeRequest& request);

/// Whether an HTTP status means that the container is well (AT-PRB-02).
bool isHealthy(long httpStatus);

/// What an exec probe's answer means. A runtime that is down says nothing about the container
/// (F-3).
ProbeResult execOutcome(const absl::StatusOr<ExecResult>& answer);

/// Whether both URLs name the same host; ports and schemes may differ.
bool isSameHost(const std::string& url, const std::string& other);

}  // namespace gantry::agent
