// SPDX-License-Identifier: Apache-2.0
#include "controller/server/agent_link_service.h"

#include "controller/server/agent_session.h"
#include "controller/server/door.h"
#include "controller/server/log_intake.h"

namespace gantry::server {

grpc::ServerBidiReactor<api::AgentMessage, api::ControllerMessage>* AgentLinkService::Session(
    grpc::CallbackServerContext* context) {
  return AgentSession::open(gateway_, callerOf(*context, clock_.wallNow()).name).get();
}

grpc::ServerReadReactor<api::LogChunk>* AgentLinkService::PushLogs(
    grpc::CallbackServerContext* context, api::PushLogsResponse*) {
  return LogIntake::open(logs_, callerOf(*context, clock_.wallNow()).name).get();
}

}  // namespace gantry::server
