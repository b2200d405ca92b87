// SPDX-License-Identifier: Apache-2.0
#include "base/executor.h"

namespace gantry::base {

Duration jitter(Executor& executor, Duration delay, double fraction) {
  const double unit =
      static_cast<double>(executor.random() >> 11) / static_cast<double>(1ULL << 53);
  const double factor = 1.0 + fraction * (2.0 * unit - 1.0);
  return Duration(static_cast<std::int64_t>(static_cast<double>(delay.count()) * factor));
}

}  // namespace gantry::base
