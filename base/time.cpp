// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace gantry::base {

std::string formatRfc3339(Timestamp time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", absl::FromChrono(time), absl::UTCTimeZone());
}

absl::StatusOr<Timestamp> parseRfc3339(std::string_view text) {
  absl::Time parsed;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, absl::string_view(text.data(), text.size()), &parsed,
                       &error)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", absl::string_view(text.data(), text.size()),
                     "\" is not a time; write it like 2026-11-21T10:00:00Z"));
  }
  return fromUnixMs(absl::ToUnixMillis(parsed));
}

std::string formatAge(Duration age) {
  const std::int64_t seconds = std::max<std::int64_t>(0, age.count() / 1000);
  if (seconds < 120) return absl::StrCat(seconds, "s");
  if (seconds < 2 * 3600) return absl::StrCat(seconds / 60, "m");
  if (seconds < 48 * 3600) return absl::StrCat(seconds / 3600, "h");
  return absl::StrCat(seconds / 86400, "d");
}

absl::StatusOr<Duration> parseDuration(std::string_view text) {
  const auto wrong = [text] {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", absl::string_view(text.data(), text.size()),
                     "\" is not a length of time; write it like 90s, 30m, 8h, 2d or 1h30m"));
  };
  if (text.empty()) return wrong();
  constexpr std::int64_t kMost = std::int64_t{366} * 86'400;
  std::int64_t seconds = 0;
  std::int64_t number = -1;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      number = std::max<std::int64_t>(number, 0) * 10 + (c - '0');
      if (number > kMost) return wrong();
      continue;
    }
    const std::int64_t unit = c == 's'   ? 1
                              : c == 'm' ? 60
                              : c == 'h' ? 3600
                              : c == 'd' ? 86'400
                                         : 0;
    if (unit == 0 || number < 0) return wrong();
    seconds += number * unit;
    if (seconds > kMost) return wrong();
    number = -1;
  }
  if (number >= 0) return wrong();
  return std::chrono::seconds(seconds);
}

}  // namespace gantry::base
