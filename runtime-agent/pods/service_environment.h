// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "controller/api/records.pb.h"

namespace gantry::agent {

/// The variables that a pod gets for the Services of its namespace, as Docker links and Kubernetes
/// name them: FRONT_SERVICE_HOST, FRONT_SERVICE_PORT, FRONT_SERVICE_PORT_HTTP, FRONT_PORT,
/// FRONT_PORT_80_TCP, … Headless Services have none. Pure.
std::vector<std::pair<std::string, std::string>> serviceEnvironment(
    const std::vector<api::Endpoints>& services);

}  // namespace gantry::agent
