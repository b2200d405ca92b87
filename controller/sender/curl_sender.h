// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>

#include "base/loop_executor.h"
#include "controller/notify/outgoing.h"

namespace gantry::sender {

/// Sends by libcurl, on threads of its own: HTTP, SMTP, and both over TLS, whose certificates are
/// checked against those of the system. Follows no redirect.
class CurlSender final : public notify::Sender {
 public:
  struct Options {
    int threads = 2;
    /// For the connection, and for all of it.
    base::Duration connectTimeout = base::Duration(10'000);
    base::Duration timeout = base::Duration(30'000);
  };

  explicit CurlSender(base::Executor& executor);
  CurlSender(base::Executor& executor, Options options);
  /// Breaks off what is under way.
  ~CurlSender() override;

  void send(notify::Outgoing message, Done done) override;

 private:
  Options options_;
  std::shared_ptr<std::atomic<bool>> stopped_;
  base::ThreadWorkers workers_;
};

}  // namespace gantry::sender
