// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::agent {

/// One record of a CRI log file: "2026-11-21T10:00:00.123456789Z stdout F text".
struct CriRecord {
  /// ns since 1970.
  std::int64_t timeNs = 0;
  bool isStderr = false;
  /// The line goes on in the next record of its stream (tag P).
  bool isPartial = false;
  std::string_view text;
};

/// Parses one line without its line break; nothing if it is not a record.
std::optional<CriRecord> parseCriRecord(std::string_view line);

/// A line as the container wrote it.
struct LoggedLine {
  std::int64_t timeNs = 0;
  bool isStderr = false;
  std::string text;

  bool operator==(const LoggedLine&) const = default;
};

/// Puts lines together that the runtime cut into parts, each stream by itself. Pure; bounded: a
/// line longer than `maxLineBytes` comes out in pieces of about that size.
class LineAssembler {
 public:
  explicit LineAssembler(std::size_t maxLineBytes) : maxLineBytes_(maxLineBytes) {}

  /// Takes a record; gives the line that it completes, with the time of its first part.
  std::optional<LoggedLine> add(const CriRecord& record);

  /// What is incomplete at the end of a log: a program that ended without a line break.
  std::vector<LoggedLine> finish();

 private:
  std::size_t maxLineBytes_;
  std::map<bool, LoggedLine> open_;
};

}  // namespace gantry::agent
