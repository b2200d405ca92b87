// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "app/client/context.h"
#include "base/time.h"
#include "controller/api/control.pb.h"

namespace grpc {
class Channel;
}

namespace gantry::client {

/// The answer to one call. Runs on a thread of the transport: post what you learn to your own
/// (app/client/await.h waits for it instead). The codes of errors are those of control.proto;
/// UNAVAILABLE and DEADLINE_EXCEEDED when the server did not answer.
template <class Response>
using Callback = std::function<void(absl::StatusOr<Response>)>;

/// What happens to a stream. Runs on threads of the transport, never two at a time; `onEnd` once,
/// last, and also after a cancel.
template <class Message>
struct StreamHandlers {
  std::function<void(Message&&)> onMessage;
  std::function<void(const absl::Status&)> onEnd;
};

/// A stream that runs. Destroying it cancels the stream and waits until its handlers have returned,
/// so it must not be destroyed from one of them.
class Stream {
 public:
  virtual ~Stream() = default;
};

/// The calls of the Control service (controller/api/control.proto says what each does). An
/// interface, so that what stands on it is tested without a network. Any thread. Destroying a
/// connection cancels its calls and waits until their callbacks have returned; streams must be gone
/// before.
class Connection {
 public:
  virtual ~Connection() = default;

  virtual void getServerInfo(api::GetServerInfoRequest request, Callback<api::ServerInfo> done) = 0;

  virtual void list(api::ListRequest request, Callback<api::ListResponse> done) = 0;
  virtual std::unique_ptr<Stream> watch(api::WatchRequest request,
                                        StreamHandlers<api::WatchResponse> handlers) = 0;
  virtual std::unique_ptr<Stream> logs(api::LogsRequest request,
                                       StreamHandlers<api::LogLines> handlers) = 0;

  virtual void sync(api::SyncRequest request, Callback<api::SyncResponse> done) = 0;
  virtual void approvePlan(api::ApprovePlanRequest request, Callback<api::Plan> done) = 0;
  virtual void rejectPlan(api::RejectPlanRequest request, Callback<api::Plan> done) = 0;
  virtual void previewRollback(api::RollbackRequest request,
                               Callback<api::RollbackPreview> done) = 0;
  virtual void rollback(api::RollbackRequest request, Callback<api::RollbackResponse> done) = 0;
  virtual void holdRevision(api::HoldRevisionRequest request, Callback<api::Hold> done) = 0;
  virtual void liftHold(api::LiftHoldRequest request, Callback<api::LiftHoldResponse> done) = 0;
  virtual void suspend(api::SuspendRequest request, Callback<api::SuspendResponse> done) = 0;
  virtual void resume(api::ResumeRequest request, Callback<api::ResumeResponse> done) = 0;
  virtual void previewRevision(api::PreviewRevisionRequest request, Callback<api::Plan> done) = 0;
  virtual void compareRevisions(api::CompareRevisionsRequest request, Callback<api::Plan> done) = 0;

  virtual void pauseRollout(api::RolloutRequest request, Callback<api::RolloutResponse> done) = 0;
  virtual void resumeRollout(api::RolloutRequest request, Callback<api::RolloutResponse> done) = 0;

  virtual void cordon(api::NodeRequest request, Callback<api::NodeResponse> done) = 0;
  virtual void uncordon(api::NodeRequest request, Callback<api::NodeResponse> done) = 0;
  virtual void previewDrain(api::NodeRequest request, Callback<api::DrainPreview> done) = 0;
  virtual void drain(api::NodeRequest request, Callback<api::NodeResponse> done) = 0;
  virtual void createJoinToken(api::CreateJoinTokenRequest request,
                               Callback<api::CreateJoinTokenResponse> done) = 0;
};

/// How long a call waits for its answer. What asks Git (sync, rollback, previews, comparisons)
/// gets twice as long.
inline constexpr base::Duration kCallDeadline = std::chrono::seconds(30);

/// A connection over mutual TLS. Dials when first used, and again after a loss; a silent link is
/// noticed within 15 s.
std::unique_ptr<Connection> connect(const Context& context);

/// A connection over a channel that exists: a server in the same process, in tests.
std::unique_ptr<Connection> connectOver(std::shared_ptr<grpc::Channel> channel);

}  // namespace gantry::client
