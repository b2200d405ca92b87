// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/qt_executor.h"

#include <QRandomGenerator>
#include <algorithm>
#include <chrono>

namespace gantry::desktop {

base::Instant QtExecutor::now() const {
  const auto sinceBoot = std::chrono::steady_clock::now().time_since_epoch();
  return base::Instant(std::chrono::duration_cast<base::Duration>(sinceBoot));
}

base::Timestamp QtExecutor::wallNow() const {
  return std::chrono::floor<base::Duration>(std::chrono::system_clock::now());
}

void QtExecutor::post(Task task) {
  QMetaObject::invokeMethod(this, std::move(task), Qt::QueuedConnection);
}

base::Executor::TimerId QtExecutor::postAt(base::Instant when, Task task) {
  const TimerId id = ++lastTimer_;
  // Timers belong to the thread that starts them: always this one.
  QMetaObject::invokeMethod(this, [this, id, when, task = std::move(task)] {
    auto* timer = new QTimer(this);
    timer->setSingleShot(true);
    timer->setTimerType(Qt::PreciseTimer);
    timers_[id] = timer;
    connect(timer, &QTimer::timeout, this, [this, id, task, timer] {
      timers_.erase(id);
      timer->deleteLater();
      task();
    });
    timer->start(std::max(base::Duration(0), when - now()));
  });
  return id;
}

void QtExecutor::cancel(TimerId timer) {
  const auto found = timers_.find(timer);
  if (found == timers_.end()) return;
  delete found->second;
  timers_.erase(found);
}

std::uint64_t QtExecutor::random() {
  return QRandomGenerator::global()->generate64();
}

}  // namespace gantry::desktop
