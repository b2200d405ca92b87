// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "controller/server/options.h"

namespace gantry::server {

/// The controller as a process: store, loops, server and HTTP, put together over one data
/// directory:
///
///   gantry.db        all records; locked, so that there is one controller
///   ca.pem           the certificate authority with its key
///   secrets.key      the keys that Secrets are encrypted with
///   git/             mirrors of the repositories
///   admin.context    written at the first start: connects CLI and desktop as admin
class Daemon {
 public:
  /// Opens the data directory, or makes it, and loads the state. Errors: those of the store, of
  /// access::CertificateAuthority and of the files.
  static absl::StatusOr<std::unique_ptr<Daemon>> open(DaemonOptions options);
  ~Daemon();

  /// Listens, and writes admin.context if it is missing. Errors: those of Server::start.
  absl::Status start();

  /// Runs on the calling thread until stop; once.
  void run();

  /// Ends all calls, then run. Once, and on another thread than that of run.
  void stop();

  int port() const;
  int httpPort() const;

 private:
  class Impl;
  explicit Daemon(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Makes credentials for a person with the authority of a data directory, also while a controller
/// runs there: the text of a context file. Errors: NOT_FOUND (no controller has started there),
/// INVALID_ARGUMENT (the name).
absl::StatusOr<std::string> issueContext(const IssueOptions& options);

}  // namespace gantry::server
