// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "manifests/schema/core.pb.h"

namespace gantry::agent {

/// What pods of this node may refer to, as sent by the controller. Keys: "namespace/name".
struct ConfigSources {
  std::map<std::string, schema::ConfigMap> configMaps;
  std::map<std::string, schema::Secret> secrets;
};

/// The files that pods mount. Below one directory of the agent, a folder a pod.
class Volumes {
 public:
  virtual ~Volumes() = default;

  /// Makes or brings up to date all volumes of a pod, and answers volume name → path on the host.
  /// ConfigMap and Secret files are replaced as a whole (a symlink to a new folder is switched), so
  /// that a container never reads half of an update. Idempotent. Errors: FAILED_PRECONDITION (a
  /// ConfigMap, Secret or key that is not optional is missing; the message names it),
  /// INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
  virtual absl::StatusOr<std::map<std::string, std::string>> prepare(
      const schema::Pod& pod, const ConfigSources& sources) = 0;

  /// Unmounts and deletes everything of a pod. Idempotent.
  virtual absl::Status remove(const std::string& podUid) = 0;
};

}  // namespace gantry::agent
