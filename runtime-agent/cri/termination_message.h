// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "runtime-agent/cri/runtime.h"

// The last words of a container (terminationMessagePath, terminationMessagePolicy), as kubelet has
// them: a file beside its log is mounted where it may write them, and read when it has ended.
namespace gantry::agent::cri {

/// Makes that file, for every user, and adds it to the mounts and the labels; nothing if the
/// container has no terminationMessagePath. Errors: UNAVAILABLE, with the path.
absl::Status offerTerminationMessage(const SandboxSpec& sandbox, ContainerSpec& spec);

/// What a container whose log is `log` has left in the file, the last 4096 bytes of it. If that is
/// nothing and `orLog`: the last 80 lines of the log, 2048 bytes at most. Without spaces at the
/// end, valid UTF-8, empty if nothing can be read.
std::string terminationMessage(const std::filesystem::path& log, bool orLog);

}  // namespace gantry::agent::cri
