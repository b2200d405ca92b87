// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/api/records.pb.h"
#include "manifests/schema/core.pb.h"
#include "runtime-agent/volumes/volumes.h"

namespace gantry::agent {

/// What a node gives to its pods.
struct NodeFacts {
  std::string name;
  std::string address;
  /// Pod logs go to <podLogRoot>/<namespace>_<name>_<uid>/<container>/<attempt>.log.
  std::string podLogRoot;
  /// Limits of a container that sets none, as resourceFieldRef shows them.
  std::int64_t allocatableCpuMillis = 0;
  std::int64_t allocatableMemoryBytes = 0;
};

/// What a container's environment is made of.
struct EnvironmentInputs {
  const schema::Pod& pod;
  const ConfigSources& sources;
  /// All of the cluster; those of the pod's namespace are used, unless enableServiceLinks is false.
  const std::vector<api::Endpoints>& services;
  const NodeFacts& node;
  std::string podIp;
};

using Environment = std::vector<std::pair<std::string, std::string>>;

/// The environment of a container: services, then envFrom, then env; a later one replaces an
/// earlier one of its name in place (AT-POD-17). $(NAME) in values of env is what has been defined
/// before it. Errors: FAILED_PRECONDITION, where a ConfigMap, Secret or key that is not optional is
/// missing; INVALID_ARGUMENT for a field that does not exist. Messages name what is missing. Pure.
absl::StatusOr<Environment> buildEnvironment(const schema::Container& container,
                                             const EnvironmentInputs& inputs);

/// Replaces $(NAME) by its value; leaves it if there is none of that name. "$$" stands for "$", so
/// that "$$(NAME)" is the text "$(NAME)".
std::string expandVariables(std::string_view text,
                            const std::map<std::string, std::string>& values);

}  // namespace gantry::agent
