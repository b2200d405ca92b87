// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/executor.h"
#include "controller/notify/outgoing.h"

namespace gantry::base {
class CurlLoop;
}  // namespace gantry::base

namespace gantry::sender {

/// Sends by libcurl: HTTP, SMTP, and both over TLS. All that is under way shares one thread, so
/// that a receiver that does not answer delays nobody. Follows no redirect. Goes through the
/// proxies that the environment names (https_proxy, http_proxy, all_proxy, no_proxy).
class CurlSender final : public notify::Sender {
 public:
  struct Options {
    /// For the connection, and for all of it.
    base::Duration connectTimeout = base::Duration(10'000);
    base::Duration timeout = base::Duration(30'000);
    /// PEM with authorities whose certificates count beside those of the system's, read for each
    /// connection. Empty: there are none.
    std::string caFile;
  };

  explicit CurlSender(base::Executor& executor);
  CurlSender(base::Executor& executor, Options options);
  /// Breaks off what is under way.
  ~CurlSender() override;

  void send(notify::Outgoing message, Done done) override;

 private:
  base::Executor& executor_;
  const Options options_;
  std::unique_ptr<base::CurlLoop> loop_;
};

/// Whether a file holds certificates in PEM and nothing that is damaged. Errors: those of
/// base::readFile; INVALID_ARGUMENT, with the path.
absl::Status checkCaFile(const std::string& path);

}  // namespace gantry::sender
