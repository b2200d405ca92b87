// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

// Logging of daemons: one line an event on stderr, "time level message". The pure folders do not
// log; their results carry reasons. Secrets never get here: they are masked by their type.
namespace gantry::base {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Sets what is printed, and the name that lines begin with. Called once, from main.
void startLog(std::string_view program, LogLevel level);

/// Prints one line. Any thread.
void log(LogLevel level, std::string_view message);

inline void logDebug(std::string_view message) {
  log(LogLevel::kDebug, message);
}
inline void logInfo(std::string_view message) {
  log(LogLevel::kInfo, message);
}
inline void logWarning(std::string_view message) {
  log(LogLevel::kWarning, message);
}
inline void logError(std::string_view message) {
  log(LogLevel::kError, message);
}

}  // namespace gantry::base
