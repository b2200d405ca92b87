// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/clock.h"

#include <algorithm>

namespace gantry::sim {
namespace {

// 2026-01-01T00:00:00Z: any fixed time will do.
constexpr std::int64_t kStartMs = 1'767'225'600'000;

}  // namespace

base::Timestamp Clock::wallNow() const {
  return base::fromUnixMs(kStartMs) + elapsed_;
}

std::uint64_t Clock::random() {
  const std::uint64_t value = random_();
  trace_.mix(value);
  return value;
}

int Clock::pick(int below) {
  return static_cast<int>(random() % static_cast<std::uint64_t>(below));
}

base::Duration Clock::between(base::Duration least, base::Duration most) {
  return least + base::Duration(pick(static_cast<int>((most - least).count()) + 1));
}

base::Executor::TimerId Clock::at(base::Instant when, base::Executor::Task task) {
  const base::Executor::TimerId id = ++lastId_;
  when = std::max(when, now());
  queue_.emplace_hint(queue_.end(), Key(when, id), std::move(task));
  times_.emplace(id, when);
  return id;
}

void Clock::cancel(base::Executor::TimerId timer) {
  const auto found = times_.extract(timer);
  if (!found.empty()) queue_.erase({found.mapped(), timer});
}

bool Clock::step(base::Instant end) {
  if (queue_.empty() || queue_.begin()->first.first > end) {
    elapsed_ = std::max(elapsed_, end.time_since_epoch());
    return false;
  }
  auto next = queue_.extract(queue_.begin());
  times_.erase(next.key().second);
  elapsed_ = next.key().first.time_since_epoch();
  ++events_;
  trace_.mix(next.key().second);
  next.mapped()();
  return true;
}

base::Executor::TimerId Process::postAt(base::Instant when, Task task) {
  return clock_.at(when, [this, life = life_, task = std::move(task)] {
    if (life != life_) return;
    clock_.trace().mix(name_);
    task();
  });
}

void SimWorkers::run(std::function<void()> work, base::Executor::Task done) {
  work();
  process_.postAfter(clock_.between(base::Duration(1), base::Duration(40)), std::move(done));
}

}  // namespace gantry::sim
