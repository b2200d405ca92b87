// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "controller/api/agent.pb.h"
#include "controller/loops/agent_transport.h"
#include "controller/server/agent_gateway.h"

namespace gantry::server {

/// One AgentLink.Session call: one read and one write under way at a time. Any thread.
class AgentSession final
    : public grpc::ServerBidiReactor<api::AgentMessage, api::ControllerMessage> {
 public:
  /// An agent that lets more messages wait is cut off; it reconnects and is told everything.
  static constexpr std::size_t kMostWaiting = 10'000;

  /// Lives until the call has ended and nobody holds it.
  static std::shared_ptr<AgentSession> open(AgentGateway& gateway, std::string node);

  loops::SessionId id() const { return id_; }
  const std::string& node() const { return node_; }

  void send(const api::ControllerMessage& message);
  void readNext();
  /// Ends the call; what waits to be sent is dropped.
  void end(const grpc::Status& status);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override { end(grpc::Status::CANCELLED); }
  void OnDone() override;

  /// The agent has said hello. Controller's thread.
  bool greeted = false;

 private:
  AgentSession(AgentGateway& gateway, std::string node)
      : gateway_(gateway), node_(std::move(node)) {}
  void proceed();

  AgentGateway& gateway_;
  const std::string node_;
  loops::SessionId id_ = 0;
  std::shared_ptr<AgentSession> self_;

  std::mutex mutex_;
  api::AgentMessage incoming_;
  std::deque<api::ControllerMessage> outgoing_;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> ending_;
};

}  // namespace gantry::server
