// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace gantry::support {

/// A real sshd on loopback, with a host key of its own, that lets one key in as the user of the
/// test. Repositories are reached by their absolute path.
class GitSshServer {
 public:
  /// `work` gets the host key, "user" (the key that is let in) and "known_hosts".
  explicit GitSshServer(std::filesystem::path work);
  ~GitSshServer();

  /// "ssh://USER@127.0.0.1:PORT/PATH".
  std::string url(const std::filesystem::path& repository) const;
  std::filesystem::path keyFile() const { return work_ / "user"; }
  std::filesystem::path knownHostsFile() const { return work_ / "known_hosts"; }
  /// "SHA256:…" of the host key.
  std::string hostFingerprint() const;
  int port() const { return port_; }

 private:
  std::filesystem::path work_;
  int port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace gantry::support
