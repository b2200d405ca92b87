// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gantry::agent {

/// <podLogRoot>/<namespace>_<name>_<uid>: a pod's logDirectory, as kubelet names it.
std::filesystem::path podLogFolder(const std::filesystem::path& podLogRoot,
                                   const std::string& podNamespace, const std::string& podName,
                                   const std::string& podUid);

/// <container>/<attempt>.log: a container's logPath within it.
std::string containerLogPath(const std::string& container, std::uint32_t attempt);

/// <attempt>.message beside <attempt>.log: what the container has left when it ended.
std::filesystem::path messageBeside(std::filesystem::path log);

/// The attempts that have a log in a container's folder, rising. Empty if there is no folder.
std::vector<std::uint32_t> loggedAttempts(const std::filesystem::path& containerFolder);

/// The files of one attempt, oldest first: what was rotated away ("0.log.20261121-100000"; packed
/// ones are not read) and last "0.log" itself, whether it exists or not.
std::vector<std::filesystem::path> attemptFiles(const std::filesystem::path& containerFolder,
                                                std::uint32_t attempt);

/// Moves a log away ("0.log" to "0.log.<stamp>") and deletes the oldest of what was moved away
/// before, so that `keep` files remain with the one that is yet to come. `stamp` rises with time.
/// Errors: UNAVAILABLE, with the path.
absl::Status rotateLog(const std::filesystem::path& log, const std::string& stamp, int keep);

}  // namespace gantry::agent
