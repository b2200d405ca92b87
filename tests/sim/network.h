// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "controller/loops/agent_transport.h"
#include "controller/loops/controller.h"
#include "runtime-agent/session/controller_link.h"
#include "tests/sim/clock.h"

namespace gantry::sim {

class Link;

/// What is between the agents and the controller: streams that keep their order and nothing else.
/// Messages take their time; a lost one ends its stream, of which each end hears by itself, later;
/// what was on its way may still arrive after the next stream has begun. The controller's
/// transport.
class Network final : public loops::AgentTransport {
 public:
  explicit Network(Clock& clock) : clock_(clock) {}

  // ---- faults

  /// One message in so many is lost, and with it its stream. 0: none.
  int oneLossIn = 0;
  /// How long a message takes at most.
  base::Duration slowest{10};
  /// Cuts a node off, or mends it. Nobody is told.
  void setReachable(const std::string& node, bool isReachable);
  /// Ends the streams of a node.
  void breakStreams(const std::string& node);
  /// No fault is left.
  void heal();

  // ---- the controller's side

  /// Who the agents dial; null while it is down. Streams of before are of no use any more.
  void attach(loops::Controller* controller);
  void send(loops::SessionId session, const api::ControllerMessage& message) override;
  void close(loops::SessionId session) override;

 private:
  friend class Link;

  struct Stream {
    std::string node;
    /// The agent's end; null once it has hung up, or knows that the stream is broken.
    Link* link = nullptr;
    /// Of the controller that accepted it.
    std::uint64_t controllerLife = 0;
    base::Instant lastUp{};
    base::Instant lastDown{};
    bool isBroken = false;
    /// What was sent before it broke still arrives.
    bool drains = false;
  };

  bool isReachable(const std::string& node) const { return !unreachable_.contains(node); }
  base::Duration delay();
  /// The stream if a message sent on it before may arrive now.
  Stream* arriving(loops::SessionId id);
  bool isLost(const Stream& stream);
  void breakStream(loops::SessionId id);
  void toController(loops::SessionId id, std::function<void(loops::Controller&)> call);

  // The agent's side.
  void dial(Link& link);
  void sendUp(loops::SessionId id, const api::AgentMessage& message);
  void hangUp(loops::SessionId id);

  Clock& clock_;
  loops::Controller* controller_ = nullptr;
  std::uint64_t controllerLife_ = 0;
  std::set<std::string> unreachable_;
  std::map<loops::SessionId, Stream> streams_;
  loops::SessionId lastId_ = 0;
};

/// An agent's way to the controller; dies with the agent.
class Link final : public agent::ControllerLink {
 public:
  Link(Network& network, Process& process, std::string node)
      : network_(network), process_(process), node_(std::move(node)) {}
  ~Link() override { network_.hangUp(session_); }

  void start(Handler handler) override;
  void send(const api::AgentMessage& message) override;
  void restart() override;

 private:
  friend class Network;
  void redial();
  void lost();

  Network& network_;
  Process& process_;
  const std::string node_;
  Handler handler_;
  /// 0: none.
  loops::SessionId session_ = 0;
};

}  // namespace gantry::sim
