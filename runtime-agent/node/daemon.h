// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "runtime-agent/node/options.h"

namespace gantry::agent {

/// The process gantry-agent: joins if it has not yet, then runs until SIGTERM or SIGINT. Containers
/// run on when it ends. Blocks the two signals in this thread and all that it makes.
/// Errors: those of joining; FAILED_PRECONDITION (no certificate and no token).
absl::Status runAgent(const AgentOptions& options);

/// Removes what the agent has made on this machine: pods, volumes, the pod network and the rules
/// for Services. The certificate stays. Error: UNAVAILABLE (the runtime does not answer); what can
/// be removed without it is removed.
absl::Status leaveNode(const AgentOptions& options);

}  // namespace gantry::agent
