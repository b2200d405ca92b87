// SPDX-License-Identifier: Apache-2.0
#include "gitsync/child_process.h"

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

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/check.h"
#include "base/status.h"

namespace gantry::gitsync {
namespace {

constexpr std::size_t kErrorTail = 2'000;
constexpr std::size_t kOutputMax = 1 << 20;

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
      ::kill(pid_, SIGKILL);
      reap();
    }
  }

  absl::Status start(const std::string& program) {
    GANTRY_RETURN_IF_ERROR(in_.open());
    GANTRY_RETURN_IF_ERROR(out_.open());
    GANTRY_RETURN_IF_ERROR(error_.open());
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const absl::Cleanup destroy = [&] { posix_spawn_file_actions_destroy(&actions); };
    posix_spawn_file_actions_adddup2(&actions, in_.reader(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out_.writer(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, error_.writer(), STDERR_FILENO);
    std::string name = program;
    std::string path = "PATH=/usr/bin:/bin";
    // libgit2 looks for a configuration there; ours is none.
    std::string home = "HOME=/nonexistent";
    std::array<char*, 2> arguments = {name.data(), nullptr};
    std::array<char*, 3> environment = {path.data(), home.data(), nullptr};
    const int result = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(),
                                     environment.data());
    if (result != 0) {
      pid_ = -1;
      return absl::Status(
          result == ENOENT ? absl::StatusCode::kNotFound : absl::StatusCode::kUnavailable,
          absl::StrCat(program, ": ", std::strerror(result)));
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
      if (output.size() > kOutputMax) return absl::UnavailableError("the child answers too much");
    }
    return output;
  }

  /// Waits for its end. OK if that was exit code 0.
  absl::Status finish() {
    while (readError()) {
    }
    const int status = reap();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
    const std::string how = WIFSIGNALED(status)
                                ? absl::StrCat("was killed by signal ", WTERMSIG(status))
                                : absl::StrCat("ended with exit code ", WEXITSTATUS(status));
    const absl::string_view said = absl::StripSuffix(errorText_, "\n");
    return absl::UnavailableError(absl::StrCat("gantry-git ", how, said.empty() ? "" : ": ", said));
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

  int reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

  pid_t pid_ = -1;
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

absl::StatusOr<std::string> runChild(const std::string& program, const std::string& input,
                                     base::Duration deadline, const Cancellation& cancellation) {
  Child child;
  GANTRY_RETURN_IF_ERROR(child.start(program));
  GANTRY_ASSIGN_OR_RETURN(std::string output, child.talk(input, deadline, cancellation.fd()));
  GANTRY_RETURN_IF_ERROR(child.finish());
  return output;
}

}  // namespace gantry::gitsync
