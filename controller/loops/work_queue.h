// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "base/backoff.h"
#include "base/executor.h"

namespace gantry::loops {

/// A set of keys that want to be looked at. Marking a key twice is marking it once; a key is worked
/// on once at a time, in order of keys, each in its own task of the executor.
template <class Key>
class WorkQueue {
 public:
  /// What became of a key.
  struct Outcome {
    /// Try again after a back-off (1 s doubling to 60 s).
    bool retry = false;
    /// Look again then, although nothing may have changed.
    std::optional<base::Timestamp> revisitAt;
  };
  using Work = std::function<Outcome(const Key&)>;

  WorkQueue(base::Executor& executor, Work work)
      : executor_(executor), work_(std::move(work)), alive_(std::make_shared<bool>(true)) {}
  ~WorkQueue() { *alive_ = false; }

  void mark(const Key& key) {
    dirty_.insert(key);
    wake();
  }

 private:
  void wake() {
    if (awake_ || dirty_.empty()) return;
    awake_ = true;
    executor_.post([this, alive = alive_] {
      if (*alive) step();
    });
  }

  void step() {
    awake_ = false;
    if (dirty_.empty()) return;
    const Key key = *dirty_.begin();
    dirty_.erase(dirty_.begin());
    if (const auto timer = timers_.extract(key)) executor_.cancel(timer.mapped());
    const Outcome outcome = work_(key);
    if (outcome.retry) {
      const auto backoff =
          backoffs_.try_emplace(key, base::Duration(1'000), base::Duration(60'000)).first;
      markAfter(key, base::jitter(executor_, backoff->second.next(), 0.2));
    } else {
      backoffs_.erase(key);
      if (outcome.revisitAt) {
        const base::Duration wait = *outcome.revisitAt - executor_.wallNow();
        markAfter(key, std::max(base::Duration(1), wait));
      }
    }
    wake();
  }

  void markAfter(const Key& key, base::Duration delay) {
    timers_[key] = executor_.postAfter(delay, [this, key, alive = alive_] {
      if (!*alive) return;
      timers_.erase(key);
      mark(key);
    });
  }

  base::Executor& executor_;
  Work work_;
  std::set<Key> dirty_;
  std::map<Key, base::Executor::TimerId> timers_;
  std::map<Key, base::Backoff> backoffs_;
  bool awake_ = false;
  std::shared_ptr<bool> alive_;
};

}  // namespace gantry::loops
