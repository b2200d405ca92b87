// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "base/backoff.h"
#include "base/executor.h"
#include "runtime-agent/session/channel.h"
#include "runtime-agent/session/controller_link.h"

namespace gantry::agent {

/// What the link does with questions for logs, which go past the agent's core.
class LogResponder {
 public:
  virtual ~LogResponder() = default;
  virtual void onQuery(const api::LogQuery& query) = 0;
  virtual void onCancel(const api::LogCancel& cancel) = 0;
  /// The session is gone: nobody waits for answers any more.
  virtual void onDisconnected() = 0;
};

/// The session over gRPC. Dials again after 0.5 s, doubling to 10 s, give or take a fifth; starts
/// over at 0.5 s once a controller has spoken.
///
/// Messages with a fencing token lower than the highest ever seen come from a controller that is no
/// longer the leader: they are refused and the session is ended. The highest is kept in
/// `fencingFile`, so that a restart of the agent does not forget it.
///
/// The handler's onConnected is called when the controller has accepted the session, which it says
/// with its initial metadata.
class GrpcControllerLink final : public ControllerLink {
 public:
  struct Options {
    std::filesystem::path fencingFile;
    base::Duration firstDelay = base::Duration(500);
    base::Duration longestDelay = base::Duration(10'000);
  };

  /// `executor` must outlive the link; `logs` may be null, or must outlive it.
  GrpcControllerLink(base::Executor& executor, std::shared_ptr<grpc::Channel> channel,
                     LogResponder* logs, Options options);
  /// Ends the session without a word to the handler. Executor's thread, or after it has ended.
  ~GrpcControllerLink() override;

  void start(Handler handler) override;
  void send(const api::AgentMessage& message) override;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace gantry::agent
