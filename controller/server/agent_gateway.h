// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/executor.h"
#include "controller/loops/agent_transport.h"

namespace gantry::loops {
class Controller;
}

namespace gantry::server {

class AgentSession;

/// The sessions of all agents: what loops::Controller sends goes out here, what they say comes in.
/// Made before the controller and destroyed after it.
class AgentGateway final : public loops::AgentTransport {
 public:
  explicit AgentGateway(base::Executor& executor) : executor_(executor) {}

  /// Who is told; before the first session.
  void attach(loops::Controller& controller) { controller_ = &controller; }

  void send(loops::SessionId session, const api::ControllerMessage& message) override;
  void close(loops::SessionId session) override;

  // ---- called by sessions, any thread

  loops::SessionId add(const std::shared_ptr<AgentSession>& session);
  /// Hands a message to the controller, then lets the session read the next: so an agent that talks
  /// faster than it is heard is slowed down.
  void received(std::shared_ptr<AgentSession> session, api::AgentMessage message);
  void remove(std::shared_ptr<AgentSession> session);

  std::size_t sessions() const;

 private:
  void deliver(AgentSession& session, const api::AgentMessage& message);
  std::shared_ptr<AgentSession> find(loops::SessionId session) const;

  base::Executor& executor_;
  loops::Controller* controller_ = nullptr;
  mutable std::mutex mutex_;
  std::map<loops::SessionId, std::shared_ptr<AgentSession>> sessions_;
  loops::SessionId last_ = 0;
};

}  // namespace gantry::server
