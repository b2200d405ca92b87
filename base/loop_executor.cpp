// SPDX-License-Identifier: Apache-2.0
#include "base/loop_executor.h"

#include <time.h>

namespace gantry::base {

LoopExecutor::LoopExecutor() : random_(std::random_device{}()) {}

Instant LoopExecutor::now() const {
  // CLOCK_BOOTTIME goes on while the machine sleeps, as the other end of a lease does.
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return Instant(Duration(time.tv_sec * 1000 + time.tv_nsec / 1'000'000));
}

Timestamp LoopExecutor::wallNow() const {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

void LoopExecutor::post(Task task) {
  const std::lock_guard lock(mutex_);
  ready_.push_back(std::move(task));
  wake_.notify_one();
}

Executor::TimerId LoopExecutor::postAt(Instant when, Task task) {
  const std::lock_guard lock(mutex_);
  const TimerId id = ++lastTimer_;
  timers_.emplace(std::pair(when, id), std::move(task));
  timerTimes_.emplace(id, when);
  wake_.notify_one();
  return id;
}

void LoopExecutor::cancel(TimerId timer) {
  const std::lock_guard lock(mutex_);
  const auto found = timerTimes_.find(timer);
  if (found == timerTimes_.end()) return;
  timers_.erase({found->second, timer});
  timerTimes_.erase(found);
}

std::uint64_t LoopExecutor::random() {
  const std::lock_guard lock(mutex_);
  return random_();
}

void LoopExecutor::run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    while (!timers_.empty() && timers_.begin()->first.first <= now()) {
      auto due = timers_.extract(timers_.begin());
      timerTimes_.erase(due.key().second);
      ready_.push_back(std::move(due.mapped()));
    }
    if (ready_.empty()) {
      if (timers_.empty()) {
        wake_.wait(lock);
      } else {
        wake_.wait_for(lock, timers_.begin()->first.first - now());
      }
      continue;
    }
    Task task = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
  stopped_ = false;
}

void LoopExecutor::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  wake_.notify_all();
}

ThreadWorkers::ThreadWorkers(Executor& executor, int threads) : executor_(executor) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { loop(); });
}

ThreadWorkers::~ThreadWorkers() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    wake_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

void ThreadWorkers::run(std::function<void()> work, Executor::Task done) {
  const std::lock_guard lock(mutex_);
  queue_.emplace_back(std::move(work), std::move(done));
  wake_.notify_one();
}

void ThreadWorkers::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
    if (stopped_) return;
    auto [work, done] = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    executor_.post(std::move(done));
    lock.lock();
  }
}

}  // namespace gantry::base
