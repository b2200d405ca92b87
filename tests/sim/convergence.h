// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "tests/sim/world.h"

namespace gantry::sim {

/// What is still missing until what Git holds is what runs: every Application Synced and Healthy at
/// the head of the branch, exactly the pods that its manifests ask for running and Ready on the
/// nodes that they are bound to, nothing else in any runtime, and every node sending traffic to
/// exactly them. Empty: nothing.
std::string missing(World& world, const std::map<std::string, Folder>& folders);

}  // namespace gantry::sim
