// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"

namespace gantry::gitsync {

/// Lets another thread end a runProgram that waits. Copy-free; outlives the calls that it is given
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

/// A program to run.
struct ProgramCall {
  /// A path, or a name that is looked for in /usr/bin and /bin.
  std::string program;
  /// Anybody on the machine can read them: nothing secret.
  std::vector<std::string> arguments = {};
  /// "NAME=value". There is nothing else in its environment but PATH, HOME (which does not exist)
  /// and LC_ALL=C.
  std::vector<std::string> environment = {};
  /// What it reads on its standard input.
  std::string input = {};
  /// Whether what it starts is killed together with it.
  bool ownGroup = false;
};

struct ProgramResult {
  int exitCode = 0;
  std::string output;
  /// The end of its standard error.
  std::string errors;
};

/// Runs a program to its end. Blocks; one that is not done after `deadline` is killed with SIGKILL.
/// Errors: NOT_FOUND (no such program), DEADLINE_EXCEEDED, CANCELLED, RESOURCE_EXHAUSTED (it writes
/// more than 64 MiB), UNAVAILABLE (it crashed). A program that fails by itself is none.
absl::StatusOr<ProgramResult> runProgram(const ProgramCall& call, base::Duration deadline,
                                         const Cancellation* cancellation = nullptr);

}  // namespace gantry::gitsync
