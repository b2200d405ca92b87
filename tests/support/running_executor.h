// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "base/loop_executor.h"

namespace gantry::support {

/// The real executor on a thread of its own, for tests of parts that talk to the real world.
class RunningExecutor {
 public:
  RunningExecutor() : thread_([this] { loop_.run(); }) {}
  ~RunningExecutor() {
    loop_.stop();
    thread_.join();
  }

  base::Executor& get() { return loop_; }

  /// Runs `task` on the executor's thread and waits for it.
  template <class F>
  auto call(F task) {
    std::packaged_task<decltype(task())()> packaged(std::move(task));
    auto result = packaged.get_future();
    loop_.post([&packaged] { packaged(); });
    return result.get();
  }

 private:
  base::LoopExecutor loop_;
  std::thread thread_;
};

/// Values that arrive on other threads, in order.
template <class T>
class Inbox {
 public:
  void put(T value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    arrived_.notify_all();
  }

  /// The next one; nothing if none arrives in time, which fails a test, never slows a good one.
  std::optional<T> take(std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, patience, [this] { return !values_.empty(); }))
      return std::nullopt;
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<T> values_;
};

}  // namespace gantry::support
