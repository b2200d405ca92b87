// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "controller/api/agent.pb.h"
#include "controller/api/control.pb.h"
#include "controller/delivery/caller.h"
#include "controller/loops/agent_transport.h"
#include "controller/loops/delivery/delivery_loop.h"
#include "controller/loops/notify_loop.h"
#include "controller/model/ledger.h"
#include "gitsync/git.h"

namespace gantry::loops {

/// The whole controller without its processes and sockets: all loops over one ledger. The server
/// and the simulator drive the same object. Controller's thread.
class Controller {
 public:
  struct Options {
    /// All pods have addresses in it; every node gets a /24 of it.
    std::string clusterCidr = "10.244.0.0/16";
    /// Cluster IPs of Services.
    std::string serviceCidr = "10.96.0.0/16";
    /// How often agents report, and after how much silence a node is not Ready.
    base::Duration heartbeatInterval = base::Duration(2'000);
    base::Duration nodeLease = base::Duration(10'000);
    /// How long a node may be not Ready before its pods are replaced elsewhere.
    base::Duration evictionDelay = base::Duration(60'000);
    /// Goes with every message to an agent.
    std::uint64_t fencingToken = 1;
    DeliveryLoop::Options delivery;
    /// What notifications are sent with, and where they wait; both outlive the controller. Null:
    /// nobody is told.
    notify::Sender* sender = nullptr;
    Outbox* outbox = nullptr;
    NotifyLoop::Options notifications;
  };

  Controller(base::Executor& executor, base::Workers& workers, model::Ledger& ledger,
             gitsync::Git& git, AgentTransport& agents, Options options);
  ~Controller();

  /// Starts all loops; they look at everything once.
  void start();

  /// OK while decisions can be recorded; else why the store cannot take them. What runs keeps
  /// running meanwhile. For /readyz.
  absl::Status healthy() const;

  // ---- agents, called by the transport

  /// A session has begun; `node` is from the client certificate. Ends an older session of the node.
  void agentConnected(SessionId session, const std::string& node, const api::Hello& hello);
  /// Messages of a session that is no longer the node's are ignored.
  void agentMessage(SessionId session, const api::AgentMessage& message);
  void agentDisconnected(SessionId session);

  /// Sends to a node's agent. Error: UNAVAILABLE if it has no session.
  absl::Status sendToNode(const std::string& node, api::ControllerMessage message);

  // ---- people, called by the server after authorisation

  DeliveryLoop& delivery();

  /// Pauses or resumes the rollout of a Deployment until resumed, whatever Git says of its spec.
  absl::StatusOr<api::RolloutResponse> pauseRollout(const delivery::Caller& caller,
                                                    const api::RolloutRequest& request);
  absl::StatusOr<api::RolloutResponse> resumeRollout(const delivery::Caller& caller,
                                                     const api::RolloutRequest& request);

  absl::StatusOr<api::NodeResponse> cordon(const delivery::Caller& caller,
                                           const api::NodeRequest& request);
  /// Also ends a drain.
  absl::StatusOr<api::NodeResponse> uncordon(const delivery::Caller& caller,
                                             const api::NodeRequest& request);
  absl::StatusOr<api::DrainPreview> previewDrain(const api::NodeRequest& request) const;
  /// Cordons, then moves pods away, never taking a Deployment below its availability by it.
  absl::StatusOr<api::NodeResponse> drain(const delivery::Caller& caller,
                                          const api::NodeRequest& request);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::loops
