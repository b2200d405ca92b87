// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "base/executor.h"
#include "runtime-agent/cri/runtime.h"

namespace gantry::agent {

/// Keeps the logs of running containers from filling the disk: a log that has grown too long is
/// moved away, the runtime opens it anew, and the oldest of those moved away is deleted. Readers of
/// the log follow (logs/log_reader.h). Executor's thread.
class LogRotation {
 public:
  struct Options {
    /// Bytes; kubelet's containerLogMaxSize.
    std::int64_t maxBytes = std::int64_t{10} << 20;
    /// How many files a container has at most; kubelet's containerLogMaxFiles.
    int maxFiles = 5;
    /// How often the logs are looked at; kubelet's containerLogMonitorInterval.
    base::Duration interval = base::Duration(10'000);
  };

  /// `executor` and `runtime` outlive this. Looks for the first time after one interval.
  LogRotation(base::Executor& executor, Runtime& runtime, Options options);
  ~LogRotation();

 private:
  void lookLater();
  void look();
  void rotate(const SeenContainer& container);

  base::Executor& executor_;
  Runtime& runtime_;
  Options options_;
  base::Executor::TimerId timer_ = 0;
  /// What answers after this is gone finds this empty.
  std::shared_ptr<LogRotation*> self_;
};

}  // namespace gantry::agent
