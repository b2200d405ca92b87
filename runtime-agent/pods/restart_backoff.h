// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/backoff.h"
#include "base/time.h"

namespace gantry::agent {

/// When a container that has ended may be started again (AT-POD-02): the first time at once, then
/// after 10, 20, 40, 80, 160, 300, 300 … seconds from its end; from the beginning again when ten
/// minutes have passed since the last restart. A value.
class RestartBackoff {
 public:
  /// Its process ended, just now.
  void ended(base::Instant now) {
    const bool calm = !lastRestart_ || now - *lastRestart_ >= kForgetAfter;
    if (calm) backoff_.reset();
    delay_ = calm ? base::Duration(0) : backoff_.next();
    notBefore_ = now + delay_;
  }

  /// It is being started again, just now.
  void restarted(base::Instant now) { lastRestart_ = now; }

  base::Instant notBefore() const { return notBefore_; }

  /// How long it waits, counted from its end.
  base::Duration delay() const { return delay_; }

 private:
  static constexpr base::Duration kForgetAfter = std::chrono::minutes(10);

  base::Backoff backoff_{std::chrono::seconds(10), std::chrono::seconds(300)};
  std::optional<base::Instant> lastRestart_;
  base::Instant notBefore_;
  base::Duration delay_ = base::Duration(0);
};

}  // namespace gantry::agent
