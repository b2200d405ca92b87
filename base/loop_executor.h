// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "base/executor.h"

namespace gantry::base {

/// The executor of a real process: the thread that calls run().
class LoopExecutor final : public Executor {
 public:
  LoopExecutor();

  /// Runs tasks until stop(). What is left then waits for the next run().
  void run();

  /// Ends run() after the task that is running. Any thread, also from a signal-handling thread.
  void stop();

  Instant now() const override;
  Timestamp wallNow() const override;
  void post(Task task) override;
  TimerId postAt(Instant when, Task task) override;
  void cancel(TimerId timer) override;
  std::uint64_t random() override;

 private:
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> ready_;
  std::map<std::pair<Instant, TimerId>, Task> timers_;
  std::map<TimerId, Instant> timerTimes_;
  TimerId lastTimer_ = 0;
  bool stopped_ = false;
  std::mt19937_64 random_;
};

/// A fixed number of threads that run blocking work for one executor.
class ThreadWorkers final : public Workers {
 public:
  ThreadWorkers(Executor& executor, int threads);
  /// Waits for work that has begun; drops what has not.
  ~ThreadWorkers() override;

  void run(std::function<void()> work, Executor::Task done) override;

 private:
  void loop();

  Executor& executor_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::pair<std::function<void()>, Executor::Task>> queue_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace gantry::base
