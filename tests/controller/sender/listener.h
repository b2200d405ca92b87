// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

namespace gantry::tests {

/// A socket that listens on a free port of the loopback.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    GANTRY_CHECK(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    GANTRY_CHECK(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    GANTRY_CHECK(::listen(socket_, 64) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return port_; }
  /// Waits for somebody to connect; -1 once it is stopped.
  int accept() const { return ::accept(socket_, nullptr, nullptr); }
  void stop() const { ::shutdown(socket_, SHUT_RDWR); }

 private:
  int socket_;
  int port_ = 0;
};

}  // namespace gantry::tests
