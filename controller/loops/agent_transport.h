// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "controller/api/agent.pb.h"

namespace gantry::loops {

/// Identifies one connection of one agent; a reconnect has a new one.
using SessionId = std::uint64_t;

/// How the controller reaches agents that have dialled it. The gRPC server is one; the simulator's
/// network another. Controller's thread.
class AgentTransport {
 public:
  virtual ~AgentTransport() = default;

  /// Queues a message; it may be lost if the session breaks.
  virtual void send(SessionId session, const api::ControllerMessage& message) = 0;

  /// Ends a session: a newer one of the same node took its place, or it has been silent.
  virtual void close(SessionId session) = 0;
};

}  // namespace gantry::loops
