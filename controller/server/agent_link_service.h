// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/executor.h"
#include "controller/api/agent.grpc.pb.h"
#include "controller/server/agent_gateway.h"
#include "controller/server/log_broker.h"

namespace gantry::server {

/// The AgentLink service (controller/api/agent.proto). The node is that of the client certificate.
class AgentLinkService final : public api::AgentLink::CallbackService {
 public:
  /// All must outlive the server.
  AgentLinkService(const base::Executor& clock, AgentGateway& gateway, LogBroker& logs)
      : clock_(clock), gateway_(gateway), logs_(logs) {}

  grpc::ServerBidiReactor<api::AgentMessage, api::ControllerMessage>* Session(
      grpc::CallbackServerContext* context) override;
  grpc::ServerReadReactor<api::LogChunk>* PushLogs(grpc::CallbackServerContext* context,
                                                   api::PushLogsResponse* response) override;

 private:
  const base::Executor& clock_;
  AgentGateway& gateway_;
  LogBroker& logs_;
};

}  // namespace gantry::server
