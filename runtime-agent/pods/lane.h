// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "base/executor.h"

namespace gantry::agent {

/// Lets so many operations run side by side, first come first served; the others queue, because a
/// runtime that gets more at once is only slower (four are enough for containerd). Executor's
/// thread.
class Lane : public std::enable_shared_from_this<Lane> {
 public:
  /// Whoever holds it is in the lane.
  using Ticket = std::shared_ptr<void>;

  Lane(base::Executor& executor, int limit) : executor_(executor), free_(limit) {}

  /// Runs `task` when there is a place, at once if there is one now.
  void enter(std::function<void(Ticket)> task) {
    if (free_ == 0) return waiting_.push_back(std::move(task));
    --free_;
    task(makeTicket());
  }

 private:
  Ticket makeTicket() {
    return Ticket(nullptr, [lane = weak_from_this()](void*) {
      if (const std::shared_ptr<Lane> self = lane.lock()) self->leave();
    });
  }

  void leave() {
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    executor_.post([lane = weak_from_this(), task = std::move(waiting_.front())] {
      if (const std::shared_ptr<Lane> self = lane.lock()) task(self->makeTicket());
    });
    waiting_.pop_front();
  }

  base::Executor& executor_;
  int free_;
  std::deque<std::function<void(Ticket)>> waiting_;
};

}  // namespace gantry::agent
