// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "base/backoff.h"
#include "base/executor.h"

namespace gantry::loops {

/// What became of a key of a WorkQueue.
struct WorkOutcome {
  /// Look again at once: the state has moved on meanwhile.
  bool again = false;
  /// Try again after a back-off (1 s doubling to 60 s).
  bool retry = false;
  /// Look again then, although nothing may have changed.
  std::optional<base::Timestamp> revisitAt{};
};

/// What becomes of a key whose decision was committed with this result.
inline WorkOutcome outcomeOf(const absl::Status& committed,
                             std::optional<base::Timestamp> revisitAt = std::nullopt) {
  if (committed.ok()) return {.revisitAt = revisitAt};
  if (absl::IsAborted(committed)) return {.again = true};
  return {.retry = true};
}

/// A set of keys that want to be looked at. Marking a key twice is marking it once; a key is worked
/// on once at a time, in order of keys, each in its own task of the executor.
template <class Key>
class WorkQueue {
 public:
  using Outcome = WorkOutcome;
  using Work = std::function<Outcome(const Key&)>;

  WorkQueue(base::Executor& executor, Work work)
      : executor_(executor), work_(std::move(work)), alive_(std::make_shared<bool>(true)) {}
  ~WorkQueue() { *alive_ = false; }

  void mark(const Key& key) {
    dirty_.insert(key);
    wake();
  }

  /// Marks it after `delay` at the latest: changes that come in a burst are looked at together.
  void markWithin(const Key& key, base::Duration delay) {
    if (delay <= base::Duration::zero()) return mark(key);
    if (!dirty_.contains(key)) markAt(key, executor_.now() + delay);
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
    forgetTimer(key);
    const Outcome outcome = work_(key);
    if (outcome.again) {
      dirty_.insert(key);
    } else if (outcome.retry) {
      const auto backoff =
          backoffs_.try_emplace(key, base::Duration(1'000), base::Duration(60'000)).first;
      markAt(key, executor_.now() + base::jitter(executor_, backoff->second.next(), 0.2));
    } else {
      backoffs_.erase(key);
      if (outcome.revisitAt) {
        const base::Duration wait = *outcome.revisitAt - executor_.wallNow();
        markAt(key, executor_.now() + std::max(base::Duration(1), wait));
      }
    }
    wake();
  }

  // Of two times the earlier.
  void markAt(const Key& key, base::Instant when) {
    const auto timer = timers_.find(key);
    if (timer != timers_.end() && timer->second.when <= when) return;
    forgetTimer(key);
    timers_[key] = {when, executor_.postAt(when, [this, key, alive = alive_] {
                      if (!*alive) return;
                      timers_.erase(key);
                      mark(key);
                    })};
  }

  void forgetTimer(const Key& key) {
    if (const auto timer = timers_.extract(key)) executor_.cancel(timer.mapped().id);
  }

  struct Timer {
    base::Instant when;
    base::Executor::TimerId id = 0;
  };

  base::Executor& executor_;
  Work work_;
  std::set<Key> dirty_;
  std::map<Key, Timer> timers_;
  std::map<Key, base::Backoff> backoffs_;
  bool awake_ = false;
  std::shared_ptr<bool> alive_;
};

}  // namespace gantry::loops
