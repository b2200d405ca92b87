// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/api/agent.pb.h"
#include "runtime-agent/volumes/volumes.h"

namespace gantry::agent {

/// What the controller wants of this node: the last whole set, with all diffs since. A value.
class Wanted {
 public:
  /// Replaces everything.
  void apply(const api::WantedSet& set);

  /// Error: FAILED_PRECONDITION if it does not follow on what was applied last; nothing is changed
  /// then.
  absl::Status apply(const api::WantedDiff& diff);

  /// Ordered by uid.
  const std::map<std::string, api::WantedPod>& pods() const { return pods_; }
  const ConfigSources& sources() const { return sources_; }
  /// Ordered by namespace and name.
  std::vector<api::Endpoints> services() const;
  /// The rest of the set: address ranges, heartbeat interval, fencing token.
  const api::WantedSet& settings() const { return settings_; }
  void setFencingToken(std::uint64_t token) { settings_.set_fencing_token(token); }

  /// As a whole set again, for the checkpoint.
  api::WantedSet toSet() const;

 private:
  std::map<std::string, api::WantedPod> pods_;
  ConfigSources sources_;
  std::map<std::string, api::Endpoints> services_;
  api::WantedSet settings_;
};

}  // namespace gantry::agent
