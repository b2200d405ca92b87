// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/executor.h"
#include "controller/access/certificate_authority.h"
#include "controller/access/join_tokens.h"
#include "controller/loops/controller.h"
#include "controller/model/ledger.h"
#include "controller/server/agent_gateway.h"

namespace gantry::server {

/// The gRPC server: Control, AgentLink and Join over mutual TLS on one port. A client certificate
/// is asked for and verified; only Join can do without (server/door.h).
///
/// Made, and destroyed, while nothing runs on the executor; start and stop run on another thread
/// than the executor's, which must run until stop has returned, and not after the destructor began.
class Server {
 public:
  struct Options {
    /// "127.0.0.1:7420"; port 0 picks a free one.
    std::string listen;
    /// What the certificate names: host names and addresses that clients dial.
    std::vector<std::string> names;
    std::string clusterName = "gantry";
  };

  /// All must outlive the server.
  struct Parts {
    base::Executor& executor;
    base::Workers& workers;
    model::Ledger& ledger;
    loops::Controller& controller;
    AgentGateway& gateway;
    const access::CertificateAuthority& authority;
    access::JoinTokens& tokens;
  };

  Server(Parts parts, Options options);
  ~Server();

  /// Listens. Errors: INVALID_ARGUMENT (a name cannot be in a certificate), UNAVAILABLE (the port
  /// is taken).
  absl::Status start();

  /// The port that it listens on; after start.
  int port() const;

  /// Ends all calls and stops listening.
  void stop();

  /// How many people watch; controller's thread.
  std::size_t watchers() const;

 private:
  struct Services;
  Parts parts_;
  Options options_;
  std::unique_ptr<Services> services_;
};

}  // namespace gantry::server
