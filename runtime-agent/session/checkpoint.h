// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "controller/api/agent.pb.h"

namespace gantry::agent {

/// What the agent knows when it starts without a controller: the last wanted set, with every pod's
/// last status in it, so that a restart of the agent restarts no container and flips no readiness.
class Checkpoint {
 public:
  virtual ~Checkpoint() = default;

  /// Errors: NOT_FOUND (the first start), DATA_LOSS (unreadable: as if not found, and said).
  virtual absl::StatusOr<api::WantedSet> load() = 0;

  /// Replaces it. Secrets in it are encrypted. Errors: RESOURCE_EXHAUSTED, UNAVAILABLE; the old one
  /// stays.
  virtual absl::Status save(const api::WantedSet& wanted) = 0;
};

}  // namespace gantry::agent
