// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/executor.h"
#include "controller/access/join_tokens.h"
#include "controller/api/control.grpc.pb.h"
#include "controller/delivery/caller.h"
#include "controller/loops/controller.h"
#include "controller/model/ledger.h"
#include "controller/server/log_broker.h"
#include "controller/server/watch_hub.h"

namespace gantry::server {

/// The Control service (controller/api/control.proto): copies, posts to the controller's thread,
/// and answers. Who may call what has been decided at the door.
class ControlService final : public api::Control::CallbackService {
 public:
  /// All must outlive the server.
  struct Parts {
    base::Executor& executor;
    base::Workers& workers;
    const model::Ledger& ledger;
    loops::Controller& controller;
    access::JoinTokens& tokens;
    WatchHub& hub;
    LogBroker& logs;
    std::string clusterName;
  };
  explicit ControlService(Parts parts) : parts_(std::move(parts)) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* GetServerInfo(Context*, const api::GetServerInfoRequest*, api::ServerInfo*) override;
  Unary* List(Context*, const api::ListRequest*, api::ListResponse*) override;
  grpc::ServerWriteReactor<api::WatchResponse>* Watch(Context*, const api::WatchRequest*) override;
  grpc::ServerWriteReactor<api::LogLines>* Logs(Context*, const api::LogsRequest*) override;

  Unary* Sync(Context*, const api::SyncRequest*, api::SyncResponse*) override;
  Unary* ApprovePlan(Context*, const api::ApprovePlanRequest*, api::Plan*) override;
  Unary* RejectPlan(Context*, const api::RejectPlanRequest*, api::Plan*) override;
  Unary* PreviewRollback(Context*, const api::RollbackRequest*, api::RollbackPreview*) override;
  Unary* Rollback(Context*, const api::RollbackRequest*, api::RollbackResponse*) override;
  Unary* LiftHold(Context*, const api::LiftHoldRequest*, api::LiftHoldResponse*) override;
  Unary* HoldRevision(Context*, const api::HoldRevisionRequest*, api::Hold*) override;
  Unary* Suspend(Context*, const api::SuspendRequest*, api::SuspendResponse*) override;
  Unary* Resume(Context*, const api::ResumeRequest*, api::ResumeResponse*) override;
  Unary* PreviewRevision(Context*, const api::PreviewRevisionRequest*, api::Plan*) override;
  Unary* CompareRevisions(Context*, const api::CompareRevisionsRequest*, api::Plan*) override;

  Unary* PauseRollout(Context*, const api::RolloutRequest*, api::RolloutResponse*) override;
  Unary* ResumeRollout(Context*, const api::RolloutRequest*, api::RolloutResponse*) override;

  Unary* Cordon(Context*, const api::NodeRequest*, api::NodeResponse*) override;
  Unary* Uncordon(Context*, const api::NodeRequest*, api::NodeResponse*) override;
  Unary* PreviewDrain(Context*, const api::NodeRequest*, api::DrainPreview*) override;
  Unary* Drain(Context*, const api::NodeRequest*, api::NodeResponse*) override;
  Unary* CreateJoinToken(Context*, const api::CreateJoinTokenRequest*,
                         api::CreateJoinTokenResponse*) override;

 private:
  template <class Response>
  Unary* answer(Context* context, Response* response,
                std::function<absl::StatusOr<Response>(const delivery::Caller&)> call);
  template <class Response>
  Unary* answerLater(
      Context* context, Response* response,
      std::function<void(const delivery::Caller&, loops::DeliveryLoop::Callback<Response>)> call);
  delivery::Caller callerOf(const Context& context) const;

  Parts parts_;
};

}  // namespace gantry::server
