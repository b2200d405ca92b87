// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.h"

namespace gantry::base {

/// Doubling delays: first, 2·first, 4·first, … up to a cap. A value: copy it, compare it.
class Backoff {
 public:
  constexpr Backoff(Duration first, Duration cap) : first_(first), cap_(cap) {}

  /// The delay before the next try, which is counted.
  Duration next() {
    const Duration delay = next_ == Duration::zero() ? first_ : next_;
    next_ = std::min(cap_, delay * 2);
    return delay;
  }

  void reset() { next_ = Duration::zero(); }

 private:
  Duration first_;
  Duration cap_;
  Duration next_ = Duration::zero();
};

}  // namespace gantry::base
