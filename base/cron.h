// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/time.h"

namespace gantry::base {

/// A zone of the IANA database, "Europe/Berlin"; "" and "UTC" are UTC. Error: INVALID_ARGUMENT.
absl::Status checkTimeZone(const std::string& name);

/// When something happens again and again: the five fields of cron, minute, hour, day of month,
/// month, day of week, each with *, lists, ranges and steps ("*/15 8-18 * * mon-fri"). Where both
/// days are restricted, either is enough, as in cron. A value.
class CronSchedule {
 public:
  /// Error: INVALID_ARGUMENT, with the field that is wrong.
  static absl::StatusOr<CronSchedule> parse(std::string_view text);

  /// The newest time that the schedule names in (`at` - `within`, `at`], on the clocks of
  /// `timeZone` (one that checkTimeZone knows). A time that they skip counts as the moment of the
  /// skip; one that they show twice counts once.
  std::optional<Timestamp> latest(Timestamp at, const std::string& timeZone, Duration within) const;

  /// The first one in (`after`, `after` + `within`].
  std::optional<Timestamp> next(Timestamp after, const std::string& timeZone,
                                Duration within) const;

 private:
  bool namesDay(int month, int dayOfMonth, int dayOfWeek) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> daysOfMonth_;
  std::bitset<13> months_;
  std::bitset<7> daysOfWeek_;
  bool anyDayOfMonth_ = true;
  bool anyDayOfWeek_ = true;
};

}  // namespace gantry::base
