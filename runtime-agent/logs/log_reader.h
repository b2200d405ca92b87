// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <vector>

#include "absl/status/status.h"
#include "runtime-agent/logs/cri_log.h"

namespace gantry::agent {

/// What of a container's log is wanted.
struct LogRequest {
  /// <logDirectory>/<container>: where its attempts' logs are.
  std::filesystem::path containerFolder;
  /// The run before the last one.
  bool previous = false;
  bool follow = false;
  /// Only lines after this, ms since 1970; 0: all.
  std::int64_t sinceMs = 0;
  /// Only the last so many lines of what is there at first; negative: all.
  std::int64_t tailLines = -1;
  /// Longer lines come in pieces.
  std::size_t maxLineBytes = 64 * 1024;
};

/// Takes a batch of lines (at most 256, about 256 KiB), in order; false ends the reading. May
/// block: nothing is read meanwhile, and nothing is lost, as the files hold it.
using LogSink = std::function<bool(std::vector<LoggedLine>)>;

/// Reads a log into `sink`, on the calling thread, until its end. With `follow`: goes on with what
/// is written, through rotation, and through restarts with the next attempt, until `stop` is asked
/// for, `sink` returns false, or the pod's folder is removed. Lines that are no CRI records are
/// left out.
///
/// Errors: NOT_FOUND (there is no such log yet: "has not started yet", "has no earlier run"),
/// UNAVAILABLE (a file cannot be read).
absl::Status readLog(const LogRequest& request, std::stop_token stop, const LogSink& sink);

}  // namespace gantry::agent
