// SPDX-License-Identifier: Apache-2.0
#include "tests/controller/server/fake_controller.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"

namespace gantry::tests {
namespace {
std::unique_ptr<ControllerDiary> diary;
}

void ControllerDiary::write(const std::string& line) {
  const std::lock_guard lock(mutex_);
  lines_.push_back(line);
  written_.notify_all();
}

bool ControllerDiary::waitFor(const std::string& line) {
  std::unique_lock lock(mutex_);
  return written_.wait_for(lock, std::chrono::seconds(10), [&] {
    return std::find(lines_.begin(), lines_.end(), line) != lines_.end();
  });
}

std::vector<std::string> ControllerDiary::lines() {
  const std::lock_guard lock(mutex_);
  return lines_;
}

ControllerDiary& controllerDiary() {
  return *diary;
}

}  // namespace gantry::tests

namespace gantry::loops {

using tests::controllerDiary;

class DeliveryLoop::Impl {};

DeliveryLoop::DeliveryLoop(base::Executor&, base::Workers&, model::Ledger&, gitsync::Git&, Options,
                           Tell) {}
DeliveryLoop::~DeliveryLoop() = default;
void DeliveryLoop::start() {}
void DeliveryLoop::sync(const delivery::Caller& caller, api::SyncRequest request,
                        Callback<api::SyncResponse> done) {
  controllerDiary().write(absl::StrCat("sync ", request.application(), " by ", caller.identity));
  api::SyncResponse response;
  response.set_plan("front-1");
  done(response);
}
absl::StatusOr<api::Plan> DeliveryLoop::approve(const delivery::Caller& caller,
                                                const api::ApprovePlanRequest& request) {
  controllerDiary().write(absl::StrCat("approve ", request.plan(), " by ", caller.identity));
  if (request.digest() != "digest") {
    return absl::FailedPreconditionError("the plan has changed; look again");
  }
  api::Plan plan;
  plan.set_name(request.plan());
  return plan;
}
absl::StatusOr<api::Plan> DeliveryLoop::reject(const delivery::Caller&,
                                               const api::RejectPlanRequest&) {
  return api::Plan();
}
void DeliveryLoop::previewRollback(api::RollbackRequest, Callback<api::RollbackPreview> done) {
  done(api::RollbackPreview());
}
void DeliveryLoop::rollback(const delivery::Caller&, api::RollbackRequest,
                            Callback<api::RollbackResponse> done) {
  done(api::RollbackResponse());
}
absl::StatusOr<api::LiftHoldResponse> DeliveryLoop::liftHold(const delivery::Caller&,
                                                             const api::LiftHoldRequest&) {
  return api::LiftHoldResponse();
}

void DeliveryLoop::holdRevision(const delivery::Caller&, api::HoldRevisionRequest,
                                Callback<api::Hold> done) {
  done(api::Hold());
}
absl::StatusOr<api::SuspendResponse> DeliveryLoop::suspend(const delivery::Caller&,
                                                           const api::SuspendRequest&) {
  return api::SuspendResponse();
}
absl::StatusOr<api::ResumeResponse> DeliveryLoop::resume(const delivery::Caller&,
                                                         const api::ResumeRequest&) {
  return api::ResumeResponse();
}
void DeliveryLoop::previewRevision(api::PreviewRevisionRequest, Callback<api::Plan> done) {
  done(api::Plan());
}
void DeliveryLoop::compareRevisions(api::CompareRevisionsRequest, Callback<api::Plan> done) {
  done(api::Plan());
}

class Controller::Impl {
 public:
  Impl(AgentTransport& transport, base::Executor& executor, base::Workers& workers,
       model::Ledger& ledger, gitsync::Git& git)
      : agents(transport), delivery(executor, workers, ledger, git, DeliveryLoop::Options()) {}
  AgentTransport& agents;
  DeliveryLoop delivery;
  std::map<std::string, SessionId> nodes;
};

Controller::Controller(base::Executor& executor, base::Workers& workers, model::Ledger& ledger,
                       gitsync::Git& git, AgentTransport& agents, Options) {
  tests::diary = std::make_unique<tests::ControllerDiary>();
  impl_ = std::make_unique<Impl>(agents, executor, workers, ledger, git);
}
Controller::~Controller() = default;

void Controller::start() {
  controllerDiary().write("started");
}

void Controller::agentConnected(SessionId session, const std::string& node, const api::Hello&) {
  const auto [entry, isNew] = impl_->nodes.try_emplace(node, session);
  if (!isNew) impl_->agents.close(std::exchange(entry->second, session));
  controllerDiary().write(absl::StrCat("connected ", node));
  api::ControllerMessage wanted;
  wanted.mutable_wanted()->set_sequence(1);
  impl_->agents.send(session, wanted);
}
void Controller::agentMessage(SessionId, const api::AgentMessage& message) {
  controllerDiary().write(absl::StrCat("heartbeat ", message.heartbeat().agent_time_ms()));
}
void Controller::agentDisconnected(SessionId session) {
  std::erase_if(impl_->nodes, [session](const auto& entry) { return entry.second == session; });
  controllerDiary().write(absl::StrCat("disconnected ", session));
}
absl::Status Controller::sendToNode(const std::string& node, api::ControllerMessage message) {
  const auto found = impl_->nodes.find(node);
  if (found == impl_->nodes.end()) {
    return absl::UnavailableError(absl::StrCat("node ", node, " has no session"));
  }
  impl_->agents.send(found->second, message);
  return absl::OkStatus();
}

DeliveryLoop& Controller::delivery() {
  return impl_->delivery;
}
absl::StatusOr<api::RolloutResponse> Controller::pauseRollout(const delivery::Caller&,
                                                              const api::RolloutRequest&) {
  return api::RolloutResponse();
}
absl::StatusOr<api::RolloutResponse> Controller::resumeRollout(const delivery::Caller&,
                                                               const api::RolloutRequest&) {
  return api::RolloutResponse();
}
absl::StatusOr<api::NodeResponse> Controller::cordon(const delivery::Caller& caller,
                                                     const api::NodeRequest& request) {
  controllerDiary().write(absl::StrCat("cordon ", request.node(), " by ", caller.identity));
  return api::NodeResponse();
}
absl::StatusOr<api::NodeResponse> Controller::uncordon(const delivery::Caller&,
                                                       const api::NodeRequest&) {
  return api::NodeResponse();
}
absl::StatusOr<api::DrainPreview> Controller::previewDrain(const api::NodeRequest&) const {
  return api::DrainPreview();
}
absl::StatusOr<api::NodeResponse> Controller::drain(const delivery::Caller&,
                                                    const api::NodeRequest&) {
  return api::NodeResponse();
}

}  // namespace gantry::loops
