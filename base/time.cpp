// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

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

}  // namespace gantry::base
