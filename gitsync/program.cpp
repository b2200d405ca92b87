// SPDX-License-Identifier: Apache-2.0
#include "gitsync/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"

namespace gantry::gitsync {
namespace {

constexpr std::size_t kErrorTail = 32 << 10;
constexpr std::size_t kOutputMax = 64 << 20;

/// A pipe whose ends close themselves.
class Pipe {
 public:
  absl::Status open() {
    return ::pipe2(ends_.data(), O_CLOEXEC) == 0
               ? absl::OkStatus()
               : absl::UnavailableError(absl::StrCat("pipe: ", std::strerror(errno)));
  }
  ~Pipe() {
    closeReader();
    closeWriter();
  }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void closeReader() { close(ends_[0]); }
  void closeWriter() { close(ends_[1]); }

 private:
  static void close(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  std::array<int, 2> ends_ = {-1, -1};
};

/// One child and the three pipes to it.
class Child {
 public:
  ~Child() {
    if (pid_ > 0) {
      ::kill(group_ ? -pid_ : pid_, SIGKILL);
      reap();
    }
  }

  absl::Status start(const ProgramCall& call) {
    GANTRY_RETURN_IF_ERROR(in_.open());
    GANTRY_RETURN_IF_ERROR(out_.open());
    GANTRY_RETURN_IF_ERROR(error_.open());
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    const absl::Cleanup destroy = [&] {
      posix_spawn_file_actions_destroy(&actions);
      posix_spawnattr_destroy(&attributes);
    };
    posix_spawn_file_actions_adddup2(&actions, in_.reader(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out_.writer(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, error_.writer(), STDERR_FILENO);
    // What this process ignores or blocks is its own affair.
    sigset_t none;
    sigset_t pipe;
    sigemptyset(&none);
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &pipe);
    posix_spawnattr_setpgroup(&attributes, 0);
    group_ = call.ownGroup;
    posix_spawnattr_setflags(&attributes,
                             static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                (group_ ? POSIX_SPAWN_SETPGROUP : 0)));
    std::vector<std::string> arguments = {call.program};
    arguments.insert(arguments.end(), call.arguments.begin(), call.arguments.end());
    // Git looks for a configuration in HOME; ours is none.
    std::vector<std::string> environment = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C"};
    environment.insert(environment.end(), call.environment.begin(), call.environment.end());
    const int result = ::posix_spawnp(&pid_, call.program.c_str(), &actions, &attributes,
                                      pointers(arguments).data(), pointers(environment).data());
    if (result != 0) {
      pid_ = -1;
      return absl::Status(
          result == ENOENT ? absl::StatusCode::kNotFound : absl::StatusCode::kUnavailable,
          absl::StrCat(call.program, ": ", std::strerror(result)));
    }
    in_.closeReader();
    out_.closeWriter();
    error_.closeWriter();
    ::fcntl(in_.writer(), F_SETFL, O_NONBLOCK);
    return absl::OkStatus();
  }

  /// Feeds and reads until the child has closed its output.
  absl::StatusOr<std::string> talk(std::string_view input, base::Duration deadline, int cancelFd) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    std::string output;
    bool reading = true;
    while (reading) {
      const auto left = std::chrono::ceil<base::Duration>(end - std::chrono::steady_clock::now());
      if (left.count() <= 0) {
        return absl::DeadlineExceededError(
            absl::StrCat("no answer after ", deadline.count() / 1000, " s"));
      }
      std::array<pollfd, 4> fds = {pollfd{out_.reader(), POLLIN, 0},
                                   pollfd{error_.reader(), POLLIN, 0},
                                   pollfd{in_.writer(), POLLOUT, 0}, pollfd{cancelFd, POLLIN, 0}};
      if (::poll(fds.data(), fds.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) {
        return absl::UnavailableError(absl::StrCat("poll: ", std::strerror(errno)));
      }
      if (fds[3].revents != 0) return absl::CancelledError("the controller is stopping");
      if (fds[2].revents != 0) feed(input);
      if (fds[1].revents != 0) readError();
      if (fds[0].revents != 0) reading = read(out_.reader(), output);
      if (output.size() > kOutputMax)
        return absl::ResourceExhaustedError("the program answers too much");
    }
    return output;
  }

  /// Waits for its end.
  absl::StatusOr<ProgramResult> finish(const std::string& program, std::string output) {
    while (error_.reader() >= 0 && readError()) {
    }
    const int status = reap();
    if (!WIFEXITED(status)) {
      return absl::UnavailableError(
          absl::StrCat(program, " was killed by signal ", WTERMSIG(status)));
    }
    return ProgramResult{WEXITSTATUS(status), std::move(output), std::move(errorText_)};
  }

 private:
  void feed(std::string_view& input) {
    const ssize_t written = ::write(in_.writer(), input.data(), input.size());
    if (written > 0) input.remove_prefix(static_cast<std::size_t>(written));
    if (input.empty() || (written < 0 && errno != EAGAIN && errno != EINTR)) in_.closeWriter();
  }

  bool readError() {
    const bool more = read(error_.reader(), errorText_);
    if (!more) error_.closeReader();
    if (errorText_.size() > kErrorTail) errorText_.erase(0, errorText_.size() - kErrorTail);
    return more;
  }

  /// False at the end.
  static bool read(int fd, std::string& into) {
    char buffer[16384];
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count < 0) return errno == EINTR;
    into.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  }

  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  }

  int reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

  pid_t pid_ = -1;
  bool group_ = false;
  Pipe in_;
  Pipe out_;
  Pipe error_;
  std::string errorText_;
};

}  // namespace

Cancellation::Cancellation() : fd_(::eventfd(0, EFD_CLOEXEC)) {
  GANTRY_CHECK(fd_ >= 0);
}

Cancellation::~Cancellation() {
  ::close(fd_);
}

void Cancellation::cancel() {
  ::eventfd_write(fd_, 1);
}

absl::StatusOr<ProgramResult> runProgram(const ProgramCall& call, base::Duration deadline,
                                         const Cancellation* cancellation) {
  Child child;
  GANTRY_RETURN_IF_ERROR(child.start(call));
  GANTRY_ASSIGN_OR_RETURN(
      std::string output,
      child.talk(call.input, deadline, cancellation == nullptr ? -1 : cancellation->fd()));
  return child.finish(call.program, std::move(output));
}

}  // namespace gantry::gitsync
