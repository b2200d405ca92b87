// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "absl/status/statusor.h"

namespace gantry::agent {

/// Where the last `lines` whole lines begin in a row of CRI log files (oldest first).
struct TailStart {
  /// Index of the file; its size for "at the very end".
  std::size_t file = 0;
  std::int64_t offset = 0;
};

/// Reads the files backwards, no further than needed. Records that only continue a line (tag P)
/// belong to the one after them. A missing file counts as empty. Error: UNAVAILABLE.
absl::StatusOr<TailStart> findTail(const std::vector<std::filesystem::path>& files,
                                   std::int64_t lines);

}  // namespace gantry::agent
