// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "controller/api/agent.pb.h"

namespace gantry::agent {

/// The agent's side of its session with the controller. Dials by itself, again and again with
/// back-off; the agent only hears of it. All on the executor's thread.
class ControllerLink {
 public:
  struct Handler {
    /// A session is up: answer with a Hello.
    std::function<api::Hello()> onConnected;
    std::function<void(const api::ControllerMessage&)> onMessage;
    std::function<void()> onDisconnected;
  };

  virtual ~ControllerLink() = default;

  virtual void start(Handler handler) = 0;

  /// Sends if there is a session; else drops. The next Hello carries everything.
  virtual void send(const api::AgentMessage& message) = 0;

  /// Ends the session, so that a new one begins with the whole wanted set: a diff is missing. A
  /// link that loses no message has nothing to do.
  virtual void restart() {}
};

}  // namespace gantry::agent
