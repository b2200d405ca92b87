// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QTimer>
#include <map>

#include "base/executor.h"

namespace gantry::desktop {

/// The GUI thread as an executor: what runs on it may touch widgets.
class QtExecutor final : public QObject, public base::Executor {
  Q_OBJECT

 public:
  base::Instant now() const override;
  base::Timestamp wallNow() const override;
  void post(Task task) override;
  TimerId postAt(base::Instant when, Task task) override;
  void cancel(TimerId timer) override;
  std::uint64_t random() override;

 private:
  std::atomic<TimerId> lastTimer_ = 0;
  std::map<TimerId, QTimer*> timers_;
};

}  // namespace gantry::desktop
