// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gantry::base {

/// Prints where and what, and aborts.
[[noreturn]] void checkFailed(const char* file, int line, const char* expression);

}  // namespace gantry::base

/// What cannot happen, in every build. Errors of the outside world are values (base/status.h).
#define GANTRY_CHECK(expression)                                                     \
  do {                                                                               \
    if (!(expression)) ::gantry::base::checkFailed(__FILE__, __LINE__, #expression); \
  } while (false)
