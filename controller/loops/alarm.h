// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "base/executor.h"

namespace gantry::loops {

/// Runs one task when asked to, however often it is asked: asking again before it has run keeps the
/// earlier time. Does nothing any more once it is destroyed. Executor's thread.
class Alarm {
 public:
  Alarm(base::Executor& executor, base::Executor::Task task)
      : executor_(executor), task_(std::move(task)) {}

  /// After what is posted already.
  void ringSoon() {
    if (arm(executor_.now())) executor_.post(ring());
  }

  void ringAt(base::Instant when) {
    if (arm(when)) executor_.postAt(when, ring());
  }

  void ringAfter(base::Duration delay) { ringAt(executor_.now() + delay); }

 private:
  bool arm(base::Instant when) {
    if (when_ && *when_ <= when) return false;
    when_ = when;
    // What was posted for a later time finds its token gone.
    token_ = std::make_shared<char>();
    return true;
  }

  base::Executor::Task ring() {
    return [this, token = std::weak_ptr(token_)] {
      if (token.expired()) return;
      when_.reset();
      task_();
    };
  }

  base::Executor& executor_;
  base::Executor::Task task_;
  std::optional<base::Instant> when_;
  std::shared_ptr<char> token_;
};

}  // namespace gantry::loops
