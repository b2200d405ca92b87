// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <random>
#include <utility>

#include "base/executor.h"

namespace gantry::support {

/// An executor over a virtual clock: nothing runs until the test says so, and time passes only when
/// it is told to. The same seed gives the same run.
class ManualExecutor final : public base::Executor {
 public:
  explicit ManualExecutor(std::uint64_t seed = 1) : random_(seed) {}

  base::Instant now() const override { return base::Instant(elapsed_); }
  base::Timestamp wallNow() const override { return base::fromUnixMs(kStartMs) + elapsed_; }
  void post(Task task) override { ready_.push_back(std::move(task)); }
  TimerId postAt(base::Instant when, Task task) override {
    timers_.emplace(std::pair(when, ++lastTimer_), std::move(task));
    return lastTimer_;
  }
  void cancel(TimerId timer) override {
    std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
  }
  std::uint64_t random() override { return random_(); }

  /// Runs what is ready, and what that makes ready, until nothing is.
  void settle() {
    while (true) {
      while (!timers_.empty() && timers_.begin()->first.first <= now()) {
        ready_.push_back(std::move(timers_.extract(timers_.begin()).mapped()));
      }
      if (ready_.empty()) return;
      Task task = std::move(ready_.front());
      ready_.pop_front();
      task();
    }
  }

  /// Settles, then lets `delay` pass, stopping at each timer on the way.
  void advance(base::Duration delay) {
    settle();
    const base::Duration end = elapsed_ + delay;
    while (!timers_.empty() && timers_.begin()->first.first.time_since_epoch() <= end) {
      elapsed_ = std::max(elapsed_, timers_.begin()->first.first.time_since_epoch());
      settle();
    }
    elapsed_ = end;
  }

 private:
  // 2026-01-01T00:00:00Z: any fixed time will do.
  static constexpr std::int64_t kStartMs = 1'767'225'600'000;

  base::Duration elapsed_ = base::Duration(1'000);
  std::deque<Task> ready_;
  std::map<std::pair<base::Instant, TimerId>, Task> timers_;
  TimerId lastTimer_ = 0;
  std::mt19937_64 random_;
};

/// Runs work at once, on the calling thread, and answers through the executor.
class InlineWorkers final : public base::Workers {
 public:
  explicit InlineWorkers(base::Executor& executor) : executor_(executor) {}
  void run(std::function<void()> work, base::Executor::Task done) override {
    work();
    executor_.post(std::move(done));
  }

 private:
  base::Executor& executor_;
};

}  // namespace gantry::support
