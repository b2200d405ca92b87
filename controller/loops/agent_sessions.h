// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "controller/loops/agent_transport.h"
#include "controller/loops/alarm.h"
#include "controller/loops/loop_context.h"
#include "controller/loops/node_loop.h"
#include "controller/loops/pod_reports.h"
#include "controller/loops/wanted.h"

namespace gantry::loops {

/// The sessions of agents, at most one a node: tells each what its node needs, first whole, then by
/// differences, and hands on what it reports. Controller's thread.
class AgentSessions {
 public:
  struct Options {
    std::string clusterCidr;
    std::string serviceCidr;
    base::Duration heartbeatInterval;
    std::uint64_t fencingToken = 0;
  };

  AgentSessions(LoopContext context, AgentTransport& transport, NodeLoop& nodes, Options options);

  /// See Controller.
  void connected(SessionId id, const std::string& node, const api::Hello& hello);
  void message(SessionId id, const api::AgentMessage& message);
  void disconnected(SessionId id);
  absl::Status send(const std::string& node, api::ControllerMessage message);

  /// Ends the session of a node, if it has one.
  void close(const std::string& node);

 private:
  struct Session {
    std::string node;
    NodeWants wants;
    /// Of the last set or difference sent.
    std::uint64_t sequence = 0;
    /// Of the last report about each pod, by uid.
    std::map<std::string, std::uint64_t> reported;
  };

  void follow(std::span<const model::Change> changes);
  void noteAll(const auto& note);
  void sendEverything(SessionId id, Session& session);
  void sendDiffs();
  void report(Session& session, const api::PodReport& report);
  void post(SessionId id, api::ControllerMessage message);

  LoopContext context_;
  AgentTransport& transport_;
  NodeLoop& nodes_;
  Options options_;
  PodReports reports_;
  std::map<SessionId, Session> sessions_;
  std::map<std::string, SessionId> sessionOf_;
  Alarm sendDiffs_;
};

}  // namespace gantry::loops
