// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The code of an error says what a loop does with it: UNAVAILABLE and DEADLINE_EXCEEDED back off
// and try again, INVALID_ARGUMENT and FAILED_PRECONDITION wait for a change, ABORTED looks again at
// once.

#define GANTRY_CONCAT_INNER(a, b) a##b
#define GANTRY_CONCAT(a, b) GANTRY_CONCAT_INNER(a, b)

/// Returns the error from the current function, if `expression` has one.
#define GANTRY_RETURN_IF_ERROR(expression)                      \
  do {                                                          \
    if (::absl::Status status_ = (expression); !status_.ok()) { \
      return status_;                                           \
    }                                                           \
  } while (false)

/// Assigns the value of a StatusOr to `target`, or returns its error from the current function.
#define GANTRY_ASSIGN_OR_RETURN(target, expression) \
  GANTRY_ASSIGN_OR_RETURN_IMPL(GANTRY_CONCAT(statusOr_, __LINE__), target, expression)
#define GANTRY_ASSIGN_OR_RETURN_IMPL(holder, target, expression) \
  auto holder = (expression);                                    \
  if (!holder.ok()) return std::move(holder).status();           \
  target = *std::move(holder)

namespace gantry::base {

/// `context: message`, with the code and the payload kept. An OK status stays OK.
absl::Status annotate(absl::Status status, std::string_view context);

/// Whether trying the same again later may help.
bool isRetryable(const absl::Status& status);

}  // namespace gantry::base
