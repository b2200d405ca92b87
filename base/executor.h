// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "base/time.h"

namespace gantry::base {

/// The only door to time, threads and chance. One executor is one thread that owns the state of a
/// daemon; everything else copies and posts to it. A simulator implements the same interface over a
/// virtual clock, so that what runs on it runs there unchanged.
class Executor {
 public:
  using Task = std::function<void()>;
  using TimerId = std::uint64_t;

  virtual ~Executor() = default;

  /// Monotonic time. Any thread.
  virtual Instant now() const = 0;

  /// Wall time. Any thread.
  virtual Timestamp wallNow() const = 0;

  /// Runs `task` on the executor's thread, after what was posted before it. Any thread.
  virtual void post(Task task) = 0;

  /// Runs `task` on the executor's thread at `when`, or as soon as possible if that has passed.
  /// Any thread. The id is never 0.
  virtual TimerId postAt(Instant when, Task task) = 0;

  /// Forgets a timer; no effect if it ran already. Called on the executor's thread.
  virtual void cancel(TimerId timer) = 0;

  /// 64 random bits. Any thread. Not for secrets: those come from OpenSSL.
  virtual std::uint64_t random() = 0;

  TimerId postAfter(Duration delay, Task task) { return postAt(now() + delay, std::move(task)); }
};

/// Runs what blocks (Git objects, rendering, runtime calls) away from the executor's thread.
class Workers {
 public:
  virtual ~Workers() = default;

  /// Runs `work` on some other thread, then `done` on the executor's thread. `work` must touch only
  /// what it owns. Called on the executor's thread.
  virtual void run(std::function<void()> work, Executor::Task done) = 0;
};

/// `delay` changed at random by up to `fraction` of it, either way.
Duration jitter(Executor& executor, Duration delay, double fraction);

}  // namespace gantry::base
