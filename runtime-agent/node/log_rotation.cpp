// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/node/log_rotation.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "runtime-agent/logs/log_files.h"

namespace gantry::agent {

LogRotation::LogRotation(base::Executor& executor, Runtime& runtime, Options options)
    : executor_(executor),
      runtime_(runtime),
      options_(options),
      self_(std::make_shared<LogRotation*>(this)) {
  lookLater();
}

LogRotation::~LogRotation() {
  *self_ = nullptr;
  if (timer_ != 0) executor_.cancel(timer_);
}

void LogRotation::lookLater() {
  timer_ = executor_.postAfter(options_.interval, [this] { look(); });
}

void LogRotation::look() {
  timer_ = 0;
  runtime_.list([self = self_](const absl::StatusOr<RuntimeState>& state) {
    if (!*self) return;
    if (state.ok()) {
      for (const SeenContainer& container : state->containers) (*self)->rotate(container);
    }
    (*self)->lookLater();
  });
}

void LogRotation::rotate(const SeenContainer& container) {
  if (container.phase != ContainerPhase::kRunning || container.logPath.empty()) return;
  std::error_code error;
  const auto size = std::filesystem::file_size(container.logPath, error);
  if (error || std::int64_t(size) <= options_.maxBytes) return;
  const std::string stamp =
      absl::StrCat(absl::Dec(base::toUnixMs(executor_.wallNow()), absl::kZeroPad16));
  const absl::Status moved = rotateLog(container.logPath, stamp, options_.maxFiles);
  if (!moved.ok()) return base::logWarning(moved.ToString());
  runtime_.reopenLog(container.id, [path = container.logPath, stamp](const absl::Status& opened) {
    if (opened.ok()) return;
    base::logWarning(absl::StrCat("cannot open ", path, " anew: ", opened.message()));
    // The runtime still writes to the file that was moved: it goes back, and is tried again.
    std::error_code ignored;
    std::filesystem::rename(absl::StrCat(path, ".", stamp), path, ignored);
  });
}

}  // namespace gantry::agent
