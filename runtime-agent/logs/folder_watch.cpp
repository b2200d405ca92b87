// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/logs/folder_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <utility>

namespace gantry::agent {
namespace {

constexpr int kLongestWaitMs = 1'000;

}  // namespace

void FolderWatch::Wake::operator()() const {
  ::eventfd_write(eventFd, 1);
}

FolderWatch::FolderWatch(const std::filesystem::path& folder, std::stop_token stop)
    : inotifyFd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      eventFd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      onStop_(std::move(stop), Wake{eventFd_}) {
  ::inotify_add_watch(inotifyFd_, folder.c_str(),
                      IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF);
}

FolderWatch::~FolderWatch() {
  ::close(inotifyFd_);
  ::close(eventFd_);
}

void FolderWatch::wait() {
  pollfd fds[] = {{inotifyFd_, POLLIN, 0}, {eventFd_, POLLIN, 0}};
  ::poll(fds, 2, kLongestWaitMs);
  char events[4096];
  while (::read(inotifyFd_, events, sizeof events) > 0) {
  }
}

}  // namespace gantry::agent
