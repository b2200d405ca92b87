// SPDX-License-Identifier: Apache-2.0
#include "controller/server/server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "controller/server/agent_link_service.h"
#include "controller/server/control_service.h"
#include "controller/server/door.h"
#include "controller/server/join_service.h"
#include "controller/server/log_broker.h"
#include "controller/server/watch_hub.h"

namespace gantry::server {
namespace {

// A peer that is silent for 20 s is asked, and given up 5 s later.
constexpr int kKeepaliveMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 5'000;
// How often a peer may ask in turn.
constexpr int kLeastPingIntervalMs = 5'000;
constexpr int kLargestMessageBytes = 16 << 20;
constexpr auto kShutdownGrace = std::chrono::seconds(2);

void setLimits(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kLeastPingIntervalMs);
  // Two servers on one port would each see half of the agents.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(kLargestMessageBytes);
}

}  // namespace

struct Server::Services {
  Services(const Parts& parts, const std::string& clusterName)
      : hub(parts.executor, parts.ledger),
        logs(parts.executor,
             [&controller = parts.controller](const std::string& node,
                                              api::ControllerMessage message) {
               return controller.sendToNode(node, std::move(message));
             }),
        control({parts.executor, parts.workers, parts.ledger, parts.controller, parts.tokens, hub,
                 logs, clusterName}),
        agents(parts.executor, parts.gateway, logs),
        join(parts.executor, parts.ledger.state(), parts.authority, parts.tokens) {
    parts.gateway.attach(parts.controller);
  }

  WatchHub hub;
  LogBroker logs;
  ControlService control;
  AgentLinkService agents;
  JoinService join;
  std::unique_ptr<grpc::Server> grpc;
  int port = 0;
};

Server::Server(Parts parts, Options options)
    : parts_(parts),
      options_(std::move(options)),
      services_(std::make_unique<Services>(parts_, options_.clusterName)) {}

Server::~Server() {
  stop();
}

absl::Status Server::start() {
  GANTRY_ASSIGN_OR_RETURN(const access::Credentials own,
                          parts_.authority.issueServer(options_.names, parts_.executor.wallNow()));
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = parts_.authority.certificate();
  tls.pem_key_cert_pairs.push_back({own.key, own.certificate});
  const auto credentials = grpc::SslServerCredentials(tls);
  credentials->SetAuthMetadataProcessor(std::make_shared<Door>(parts_.executor));
  grpc::ServerBuilder builder;
  setLimits(builder);
  builder.AddListeningPort(options_.listen, credentials, &services_->port);
  builder.RegisterService(&services_->control);
  builder.RegisterService(&services_->agents);
  builder.RegisterService(&services_->join);
  services_->grpc = builder.BuildAndStart();
  if (services_->grpc && services_->port != 0) return absl::OkStatus();
  services_->grpc.reset();
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", options_.listen, "; is the port taken?"));
}

int Server::port() const {
  return services_->port;
}

void Server::stop() {
  if (!services_->grpc) return;
  services_->grpc->Shutdown(std::chrono::system_clock::now() + kShutdownGrace);
  services_->grpc->Wait();
  services_->grpc.reset();
}

std::size_t Server::watchers() const {
  return services_->hub.watchers();
}

}  // namespace gantry::server
