// SPDX-License-Identifier: Apache-2.0
#include "controller/server/agent_gateway.h"

#include "controller/loops/controller.h"
#include "controller/server/agent_session.h"

namespace gantry::server {

void AgentGateway::send(loops::SessionId session, const api::ControllerMessage& message) {
  if (const auto found = find(session)) found->send(message);
}

void AgentGateway::close(loops::SessionId session) {
  if (const auto found = find(session)) {
    found->end(grpc::Status(grpc::ABORTED, "another session took the place of this one"));
  }
}

loops::SessionId AgentGateway::add(const std::shared_ptr<AgentSession>& session) {
  const std::lock_guard lock(mutex_);
  sessions_[++last_] = session;
  return last_;
}

void AgentGateway::received(std::shared_ptr<AgentSession> session, api::AgentMessage message) {
  executor_.post([this, session = std::move(session), message = std::move(message)] {
    deliver(*session, message);
    session->readNext();
  });
}

void AgentGateway::remove(std::shared_ptr<AgentSession> session) {
  {
    const std::lock_guard lock(mutex_);
    sessions_.erase(session->id());
  }
  executor_.post([this, session = std::move(session)] {
    if (session->greeted) controller_->agentDisconnected(session->id());
  });
}

std::size_t AgentGateway::sessions() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

void AgentGateway::deliver(AgentSession& session, const api::AgentMessage& message) {
  if (session.greeted) {
    controller_->agentMessage(session.id(), message);
  } else if (message.has_hello()) {
    session.greeted = true;
    controller_->agentConnected(session.id(), session.node(), message.hello());
  } else {
    session.end(grpc::Status(grpc::INVALID_ARGUMENT, "the first message of a session is a hello"));
  }
}

std::shared_ptr<AgentSession> AgentGateway::find(loops::SessionId session) const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? nullptr : found->second;
}

}  // namespace gantry::server
