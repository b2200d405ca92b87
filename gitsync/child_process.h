// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/time.h"

namespace gantry::gitsync {

/// Lets another thread end a runChild that waits. Copy-free; outlives the calls that it is given
/// to.
class Cancellation {
 public:
  Cancellation();
  ~Cancellation();
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  /// Any thread; for good.
  void cancel();
  int fd() const { return fd_; }

 private:
  int fd_;
};

/// Runs `program`, gives it `input` on its standard input, and answers what it wrote to its
/// standard output. Its environment is empty but for PATH and HOME. Blocks; a child that is not
/// done after `deadline` is killed with SIGKILL. Errors: NOT_FOUND (no such program),
/// DEADLINE_EXCEEDED, CANCELLED, UNAVAILABLE (it crashed or ended with another exit code than 0;
/// the end of its standard error is in the message).
absl::StatusOr<std::string> runChild(const std::string& program, const std::string& input,
                                     base::Duration deadline, const Cancellation& cancellation);

}  // namespace gantry::gitsync
