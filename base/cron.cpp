// SPDX-License-Identifier: Apache-2.0
#include "base/cron.h"

#include <array>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/status.h"

namespace gantry::base {
namespace {

struct FieldRules {
  const char* name;
  int lowest;
  int highest;
  /// Names of the values from `lowest` on.
  std::vector<std::string> words;
};

const std::array<FieldRules, 5>& fieldRules() {
  static const std::array<FieldRules, 5> rules = {
      FieldRules{"minute", 0, 59, {}}, FieldRules{"hour", 0, 23, {}},
      FieldRules{"day of month", 1, 31, {}},
      FieldRules{
          "month",
          1,
          12,
          {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
      FieldRules{"day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"}}};
  return rules;
}

absl::Status wrongField(const FieldRules& rules, const std::string& text) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no ", rules.name, " (",
                                                 rules.lowest, " to ", rules.highest,
                                                 ", *, a-b, a,b or */n)"));
}

bool parseValue(const FieldRules& rules, const std::string& text, int& value) {
  for (std::size_t i = 0; i < rules.words.size(); ++i) {
    if (absl::AsciiStrToLower(text) == rules.words[i]) {
      value = rules.lowest + static_cast<int>(i);
      return true;
    }
  }
  return absl::SimpleAtoi(text, &value) && value >= rules.lowest && value <= rules.highest;
}

template <std::size_t size>
absl::Status parseField(const FieldRules& rules, const std::string& text,
                        std::bitset<size>& values) {
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(text, ','))) {
    const std::vector<std::string> stepped = absl::StrSplit(part, absl::MaxSplits('/', 1));
    int step = 1;
    if (stepped.size() == 2 && (!absl::SimpleAtoi(stepped[1], &step) || step < 1)) {
      return wrongField(rules, text);
    }
    int first = rules.lowest;
    int last = rules.highest;
    if (stepped[0] != "*") {
      const std::vector<std::string> range = absl::StrSplit(stepped[0], absl::MaxSplits('-', 1));
      if (!parseValue(rules, range[0], first)) return wrongField(rules, text);
      if (range.size() == 2 && !parseValue(rules, range[1], last)) return wrongField(rules, text);
      if (range.size() == 1 && stepped.size() == 1) last = first;
      if (first > last) return wrongField(rules, text);
    }
    for (int value = first; value <= last; value += step) {
      values.set(static_cast<std::size_t>(value) % size);
    }
  }
  return absl::OkStatus();
}

absl::TimeZone zoneOf(const std::string& name) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!name.empty()) absl::LoadTimeZone(name, &zone);
  return zone;
}

Timestamp momentOf(absl::CivilDay day, int hour, int minute, const absl::TimeZone& zone) {
  const absl::CivilMinute civil(day.year(), day.month(), day.day(), hour, minute);
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(civil));
  const absl::Time time = info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
  return fromUnixMs(absl::ToUnixMillis(time));
}

absl::CivilDay dayOf(Timestamp at, const absl::TimeZone& zone) {
  return absl::ToCivilDay(absl::FromUnixMillis(toUnixMs(at)), zone);
}

}  // namespace

absl::Status checkTimeZone(const std::string& name) {
  absl::TimeZone zone;
  if (name.empty() || absl::LoadTimeZone(name, &zone)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", name, "\" is no time zone of the IANA database; write one such as Europe/Berlin"));
}

absl::StatusOr<CronSchedule> CronSchedule::parse(std::string_view text) {
  const std::vector<std::string> fields =
      absl::StrSplit(std::string(text), absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (fields.size() != fieldRules().size()) {
    return absl::InvalidArgumentError(
        "a schedule has five fields: minute, hour, day of month, month, day of week");
  }
  CronSchedule schedule;
  const auto& rules = fieldRules();
  GANTRY_RETURN_IF_ERROR(parseField(rules[0], fields[0], schedule.minutes_));
  GANTRY_RETURN_IF_ERROR(parseField(rules[1], fields[1], schedule.hours_));
  GANTRY_RETURN_IF_ERROR(parseField(rules[2], fields[2], schedule.daysOfMonth_));
  GANTRY_RETURN_IF_ERROR(parseField(rules[3], fields[3], schedule.months_));
  GANTRY_RETURN_IF_ERROR(parseField(rules[4], fields[4], schedule.daysOfWeek_));
  schedule.anyDayOfMonth_ = fields[2].starts_with('*');
  schedule.anyDayOfWeek_ = fields[4].starts_with('*');
  return schedule;
}

bool CronSchedule::namesDay(int month, int dayOfMonth, int dayOfWeek) const {
  if (!months_.test(static_cast<std::size_t>(month))) return false;
  const bool byMonth = daysOfMonth_.test(static_cast<std::size_t>(dayOfMonth));
  const bool byWeek = daysOfWeek_.test(static_cast<std::size_t>(dayOfWeek));
  if (anyDayOfMonth_ || anyDayOfWeek_) return byMonth && byWeek;
  return byMonth || byWeek;
}

std::optional<Timestamp> CronSchedule::latest(Timestamp at, const std::string& timeZone,
                                              Duration within) const {
  const absl::TimeZone zone = zoneOf(timeZone);
  const absl::CivilDay first = dayOf(at - within, zone);
  for (absl::CivilDay day = dayOf(at, zone); day >= first; --day) {
    const int weekday = (static_cast<int>(absl::GetWeekday(day)) + 1) % 7;
    if (!namesDay(day.month(), day.day(), weekday)) continue;
    for (int hour = 23; hour >= 0; --hour) {
      if (!hours_.test(static_cast<std::size_t>(hour))) continue;
      for (int minute = 59; minute >= 0; --minute) {
        if (!minutes_.test(static_cast<std::size_t>(minute))) continue;
        const Timestamp moment = momentOf(day, hour, minute, zone);
        if (moment <= at - within) return std::nullopt;
        if (moment <= at) return moment;
      }
    }
  }
  return std::nullopt;
}

std::optional<Timestamp> CronSchedule::next(Timestamp after, const std::string& timeZone,
                                            Duration within) const {
  const absl::TimeZone zone = zoneOf(timeZone);
  const absl::CivilDay last = dayOf(after + within, zone);
  for (absl::CivilDay day = dayOf(after, zone); day <= last; ++day) {
    const int weekday = (static_cast<int>(absl::GetWeekday(day)) + 1) % 7;
    if (!namesDay(day.month(), day.day(), weekday)) continue;
    for (int hour = 0; hour < 24; ++hour) {
      if (!hours_.test(static_cast<std::size_t>(hour))) continue;
      for (int minute = 0; minute < 60; ++minute) {
        if (!minutes_.test(static_cast<std::size_t>(minute))) continue;
        const Timestamp moment = momentOf(day, hour, minute, zone);
        if (moment > after + within) return std::nullopt;
        if (moment > after) return moment;
      }
    }
  }
  return std::nullopt;
}

}  // namespace gantry::base
