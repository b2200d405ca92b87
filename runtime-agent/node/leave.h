// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "runtime-agent/cri/runtime.h"

namespace gantry::agent {

/// Stops and removes everything of ours in the runtime, all pods side by side, without grace: for
/// taking Gantry off a node. Answers with the first error, after everything was tried. The runtime
/// must outlive it. Executor's thread.
void leaveRuntime(Runtime& runtime, std::function<void(absl::Status)> done);

}  // namespace gantry::agent
