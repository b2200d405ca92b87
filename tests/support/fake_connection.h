// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "app/client/connection.h"

namespace gantry::support {

/// A connection without a server, on the caller's thread: the test plays the watch by hand, through
/// the handlers that were given. Unary calls answer UNIMPLEMENTED.
class FakeConnection final : public client::Connection {
 public:
  using WatchHandlers = client::StreamHandlers<api::WatchResponse>;

  int watches() const { return watches_; }
  bool hasWatch() const { return static_cast<bool>(watch_.onMessage); }
  const WatchHandlers& lastWatch() const { return watch_; }
  WatchHandlers takeWatch() { return std::exchange(watch_, {}); }

  std::unique_ptr<client::Stream> watch(api::WatchRequest, WatchHandlers handlers) override {
    ++watches_;
    watch_ = std::move(handlers);
    return std::make_unique<client::Stream>();
  }
  std::unique_ptr<client::Stream> logs(api::LogsRequest,
                                       client::StreamHandlers<api::LogLines>) override {
    return std::make_unique<client::Stream>();
  }

#define GANTRY_UNIMPLEMENTED(method, Request, Response)                      \
  void method(api::Request, client::Callback<api::Response> done) override { \
    done(absl::UnimplementedError("not part of this fake"));                 \
  }
  GANTRY_UNIMPLEMENTED(getServerInfo, GetServerInfoRequest, ServerInfo)
  GANTRY_UNIMPLEMENTED(list, ListRequest, ListResponse)
  GANTRY_UNIMPLEMENTED(sync, SyncRequest, SyncResponse)
  GANTRY_UNIMPLEMENTED(approvePlan, ApprovePlanRequest, Plan)
  GANTRY_UNIMPLEMENTED(rejectPlan, RejectPlanRequest, Plan)
  GANTRY_UNIMPLEMENTED(previewRollback, RollbackRequest, RollbackPreview)
  GANTRY_UNIMPLEMENTED(rollback, RollbackRequest, RollbackResponse)
  GANTRY_UNIMPLEMENTED(holdRevision, HoldRevisionRequest, Hold)
  GANTRY_UNIMPLEMENTED(suspend, SuspendRequest, SuspendResponse)
  GANTRY_UNIMPLEMENTED(resume, ResumeRequest, ResumeResponse)
  GANTRY_UNIMPLEMENTED(previewRevision, PreviewRevisionRequest, Plan)
  GANTRY_UNIMPLEMENTED(compareRevisions, CompareRevisionsRequest, Plan)
  GANTRY_UNIMPLEMENTED(liftHold, LiftHoldRequest, LiftHoldResponse)
  GANTRY_UNIMPLEMENTED(pauseRollout, RolloutRequest, RolloutResponse)
  GANTRY_UNIMPLEMENTED(resumeRollout, RolloutRequest, RolloutResponse)
  GANTRY_UNIMPLEMENTED(cordon, NodeRequest, NodeResponse)
  GANTRY_UNIMPLEMENTED(uncordon, NodeRequest, NodeResponse)
  GANTRY_UNIMPLEMENTED(previewDrain, NodeRequest, DrainPreview)
  GANTRY_UNIMPLEMENTED(drain, NodeRequest, NodeResponse)
  GANTRY_UNIMPLEMENTED(createJoinToken, CreateJoinTokenRequest, CreateJoinTokenResponse)
#undef GANTRY_UNIMPLEMENTED

 private:
  int watches_ = 0;
  WatchHandlers watch_;
};

}  // namespace gantry::support
