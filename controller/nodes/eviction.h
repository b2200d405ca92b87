// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::nodes {

/// Whether pods of lost nodes may be replaced elsewhere. Not when none is left or more than 55 %
/// are lost (facts F-12): then the controller is more likely cut off than the nodes are dead.
/// Draining a lost node is how a person says that it is dead. Pure.
bool mayEvict(std::size_t lostNodes, std::size_t allNodes);

/// How long after its node was lost a pod is to be replaced; nothing: never. `usual`, unless the
/// pod tolerates node.kubernetes.io/unreachable with NoExecute for another time (AT-NOD-03), or
/// nothing would replace it. Pure.
std::optional<base::Duration> evictionDelay(const model::Pod& pod, base::Duration usual);

}  // namespace gantry::nodes
