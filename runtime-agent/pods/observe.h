// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "runtime-agent/pods/pod_record.h"

// From what the runtime shows to what the agent knows. Pure.
namespace gantry::agent {

/// Takes over a look at the runtime (`seen`: what it showed of this pod) that began when the
/// agent's count of changes stood at `stamp`. What the agent has changed since, or is changing,
/// stays as the agent knows it: the look is older than that. True if the record has changed.
bool observe(PodRecord& record, RuntimeState seen, std::uint64_t stamp);

/// Notices what has begun or ended since the last call: counts ends for the restart back-off and
/// attempts for the restart count, and gives a container that has begun its probes, with what the
/// last status said of this very container. To be called after every change of what was seen.
void notice(PodRecord& record, base::Instant now, base::Timestamp wallNow);

}  // namespace gantry::agent
