// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "base/executor.h"
#include "controller/server/webhook_endpoint.h"

namespace gantry::server {

/// HTTP for machines that look after the controller, without TLS; by default on the loopback only.
/// /healthz: the process lives; /readyz: the controller's thread answers; /metrics: for Prometheus;
/// /plans/NAMESPACE/PLAN and /applications/NAMESPACE/NAME: where the links in notifications lead, a
/// page that says how to open what they name (link_page.h); and, once there is a secret for them,
/// POST /hooks/git: push webhooks.
class HttpServer {
 public:
  /// A controller's thread that takes longer to answer is not ready.
  static constexpr std::chrono::seconds kReady{2};
  /// One that takes longer than that is dead.
  static constexpr std::chrono::seconds kAlive{30};

  /// `metrics` runs on the executor's thread, which must outlive this, and what it uses too.
  HttpServer(base::Executor& executor, std::function<std::string()> metrics);
  ~HttpServer();

  /// Takes push webhooks from now on; before start. `endpoint` must outlive this.
  void serveWebhooks(WebhookEndpoint& endpoint);

  /// Listens on "host:port"; port 0 picks a free one. Errors: INVALID_ARGUMENT (not an address),
  /// UNAVAILABLE (taken).
  absl::Status start(const std::string& listen);
  int port() const;
  /// Not on the executor's thread.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::server
