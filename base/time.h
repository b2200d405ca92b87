// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gantry::base {

/// All spans of time are whole milliseconds.
using Duration = std::chrono::milliseconds;

/// Tag of the clock that only moves forward; read through Executor::now().
struct MonotonicClock {
  using rep = std::int64_t;
  using period = std::milli;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicClock, Duration>;
  static constexpr bool is_steady = true;
};

/// A point on the monotonic clock: for leases, back-off and deadlines. Never stored.
using Instant = MonotonicClock::time_point;

/// A point in wall time: for records that people read and for times that outlive a process.
using Timestamp = std::chrono::sys_time<Duration>;

/// "2026-11-21T10:00:00Z"; milliseconds only when there are any.
std::string formatRfc3339(Timestamp time);

/// Parses RFC 3339 with Z or an offset. Error: INVALID_ARGUMENT.
absl::StatusOr<Timestamp> parseRfc3339(std::string_view text);

/// "0s", "45s", "12m", "3h", "5d": the largest unit that is not zero, as `gantry get` shows ages.
std::string formatAge(Duration age);

/// "90s", "30m", "8h", "2d", "1h30m": what people write as a length of time, at most 366 days.
/// Error: INVALID_ARGUMENT.
absl::StatusOr<Duration> parseDuration(std::string_view text);

inline Timestamp fromUnixMs(std::int64_t ms) {
  return Timestamp(Duration(ms));
}
inline std::int64_t toUnixMs(Timestamp time) {
  return time.time_since_epoch().count();
}

}  // namespace gantry::base
