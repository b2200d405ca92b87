// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/executor.h"
#include "controller/loops/events.h"
#include "controller/model/ledger.h"

namespace gantry::loops {

/// How long a loop waits before it tries again what the store could not take.
inline constexpr base::Duration kRetryDelay(1'000);

/// What every loop stands on. The parts outlive the loops.
struct LoopContext {
  base::Executor& executor;
  model::Ledger& ledger;
  EventRecorder& events;

  const model::State& state() const { return ledger.state(); }
};

}  // namespace gantry::loops
