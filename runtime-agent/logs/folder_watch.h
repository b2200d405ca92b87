// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <stop_token>

namespace gantry::agent {

/// Waits until something changes in a folder: a file in it grows, comes, goes, or the folder itself
/// goes. Changes between construction and wait() end the wait. One thread.
class FolderWatch {
 public:
  FolderWatch(const std::filesystem::path& folder, std::stop_token stop);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  /// Returns after a change, when a stop is asked for, or after a second, which makes up for
  /// changes that the kernel does not tell of (a full queue, no watches left).
  void wait();

 private:
  struct Wake {
    int eventFd;
    void operator()() const;
  };

  int inotifyFd_;
  int eventFd_;
  std::stop_callback<Wake> onStop_;
};

}  // namespace gantry::agent
