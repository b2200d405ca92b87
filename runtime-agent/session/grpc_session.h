// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "controller/api/agent.grpc.pb.h"

namespace gantry::agent {

/// One call of AgentLink.Session. Copies what comes in and hands it on; knows no rules.
class GrpcSession final
    : public grpc::ClientBidiReactor<api::AgentMessage, api::ControllerMessage> {
 public:
  /// Called on gRPC's threads, one after another; onEnded is the last.
  struct Events {
    /// The controller has accepted the session.
    std::function<void()> onAccepted;
    std::function<void(api::ControllerMessage)> onMessage;
    /// Takes the session along, which must be let go on another thread: with it may go the channel,
    /// and gRPC does not bear that on its own threads.
    std::function<void(absl::Status, std::shared_ptr<GrpcSession>)> onEnded;
  };

  /// Begins the call. It lives until onEnded lets it go.
  static std::shared_ptr<GrpcSession> begin(api::AgentLink::Stub& stub, Events events);

  /// Sends after what was sent before; drops it if the call has ended. Any thread.
  void send(api::AgentMessage message);

  /// Ends the call soon. Any thread.
  void cancel() { context_.TryCancel(); }

  /// Waits until onEnded has returned. Once, and not on gRPC's threads.
  void waitUntilEnded() { ended_->get_future().wait(); }

  void OnReadInitialMetadataDone(bool ok) override;
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  explicit GrpcSession(Events events) : events_(std::move(events)) {}
  void close();

  Events events_;
  std::shared_ptr<GrpcSession> self_;
  grpc::ClientContext context_;
  api::ControllerMessage incoming_;
  std::shared_ptr<std::promise<void>> ended_ = std::make_shared<std::promise<void>>();

  std::mutex mutex_;
  std::deque<api::AgentMessage> outgoing_;
  bool closed_ = false;
};

}  // namespace gantry::agent
