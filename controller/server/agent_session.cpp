// SPDX-License-Identifier: Apache-2.0
#include "controller/server/agent_session.h"

namespace gantry::server {

std::shared_ptr<AgentSession> AgentSession::open(AgentGateway& gateway, std::string node) {
  std::shared_ptr<AgentSession> session(new AgentSession(gateway, std::move(node)));
  session->self_ = session;
  session->id_ = gateway.add(session);
  // The agent says hello once it sees that it has been let in.
  session->StartSendInitialMetadata();
  session->readNext();
  return session;
}

void AgentSession::send(const api::ControllerMessage& message) {
  const std::lock_guard lock(mutex_);
  if (outgoing_.size() >= kMostWaiting && !ending_) {
    ending_ = grpc::Status(grpc::RESOURCE_EXHAUSTED, "the agent reads too slowly; connect again");
  }
  if (!ending_) outgoing_.push_back(message);
  proceed();
}

void AgentSession::readNext() {
  const std::lock_guard lock(mutex_);
  if (!finished_) StartRead(&incoming_);
}

void AgentSession::end(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  if (!ending_) ending_ = status;
  proceed();
}

void AgentSession::OnReadDone(bool ok) {
  if (ok) {
    gateway_.received(self_, std::move(incoming_));
  } else {
    end(grpc::Status::OK);
  }
}

void AgentSession::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  outgoing_.pop_front();
  if (!ok && !ending_) ending_ = grpc::Status::CANCELLED;
  proceed();
}

void AgentSession::OnDone() {
  gateway_.remove(std::move(self_));
}

// Under the lock. The message that is being written stays at the front until it is out.
void AgentSession::proceed() {
  if (writing_ || finished_) return;
  if (ending_) {
    finished_ = true;
    Finish(*ending_);
  } else if (!outgoing_.empty()) {
    writing_ = true;
    StartWrite(&outgoing_.front());
  }
}

}  // namespace gantry::server
