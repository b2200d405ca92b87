// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "app/client/live_cache.h"
#include "controller/api/control.grpc.pb.h"

namespace gantry::support {

/// A control plane in this process, over real gRPC and no network: holds objects, plays them to
/// watchers as snapshot and differences, and answers calls as it was told to. Any thread.
class FakeControlServer final : public api::Control::Service {
 public:
  FakeControlServer() {
    grpc::ServerBuilder builder;
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  /// Also listens on a port of this host, for programs of their own.
  explicit FakeControlServer(const std::shared_ptr<grpc::ServerCredentials>& credentials) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeControlServer() override {
    endStreams();
    server_->Shutdown();
  }

  /// 0: none.
  int port() const { return port_; }

  std::shared_ptr<grpc::Channel> channel() { return server_->InProcessChannel({}); }

  /// Adds or replaces an object, named by `id`, and tells watchers.
  void put(const std::string& id, api::Object object) {
    const std::lock_guard lock(mutex_);
    objects_[id] = object;
    api::WatchResponse response;
    *response.add_put() = std::move(object);
    broadcast(std::move(response));
  }

  void remove(const std::string& id, const std::string& kind, const std::string& ns,
              const std::string& name) {
    const std::lock_guard lock(mutex_);
    objects_.erase(id);
    api::WatchResponse response;
    api::ObjectRef& ref = *response.add_deleted();
    ref.set_kind(kind);
    ref.set_namespace_(ns);
    ref.set_name(name);
    broadcast(std::move(response));
  }

  /// Sends watchers something of the test's own: a heartbeat, or a fault.
  void send(api::WatchResponse response) {
    const std::lock_guard lock(mutex_);
    broadcast(std::move(response));
  }

  /// Ends all streams, as a restart of the controller would.
  void endStreams() {
    const std::lock_guard lock(mutex_);
    ++epoch_;
    changed_.notify_all();
  }

  /// While set, nobody gets a watch: the controller is away.
  void setRefusing(bool refusing) {
    {
      const std::lock_guard lock(mutex_);
      refusing_ = refusing;
    }
    if (refusing) endStreams();
  }

  /// Lines that every Logs call gets; then it waits, if it follows.
  void setLogs(std::vector<api::LogLines> lines) {
    const std::lock_guard lock(mutex_);
    logs_ = std::move(lines);
  }

  /// Answers of single calls. What is not set is answered with an empty message.
  std::function<grpc::Status(const api::ApprovePlanRequest&, api::Plan*)> onApprove;
  std::function<grpc::Status(const api::RejectPlanRequest&, api::Plan*)> onReject;
  std::function<grpc::Status(const api::RollbackRequest&, api::RollbackPreview*)> onPreviewRollback;
  std::function<grpc::Status(const api::RollbackRequest&, api::RollbackResponse*)> onRollback;
  std::function<grpc::Status(const api::SyncRequest&, api::SyncResponse*)> onSync;
  std::function<grpc::Status(const api::HoldRevisionRequest&, api::Hold*)> onHold;
  std::function<grpc::Status(const api::LiftHoldRequest&, api::LiftHoldResponse*)> onLiftHold;
  std::function<grpc::Status(const api::SuspendRequest&, api::SuspendResponse*)> onSuspend;
  std::function<grpc::Status(const api::ResumeRequest&, api::ResumeResponse*)> onResume;
  std::function<grpc::Status(const api::PreviewRevisionRequest&, api::Plan*)> onPreviewRevision;
  std::function<grpc::Status(const api::CompareRevisionsRequest&, api::Plan*)> onCompare;
  std::function<grpc::Status(const api::RolloutRequest&, api::RolloutResponse*)> onPause;
  std::function<grpc::Status(const api::NodeRequest&, api::DrainPreview*)> onPreviewDrain;
  std::function<grpc::Status(const api::NodeRequest&, api::NodeResponse*)> onDrain;
  api::ServerInfo info;

 private:
  using Context = grpc::ServerContext;
  using Status = grpc::Status;

  void broadcast(api::WatchResponse response) {
    response.set_revision(++revision_);
    feed_.push_back(std::move(response));
    changed_.notify_all();
  }

  Status Watch(Context* context, const api::WatchRequest*,
               grpc::ServerWriter<api::WatchResponse>* writer) override {
    std::unique_lock lock(mutex_);
    if (refusing_) return Status(grpc::StatusCode::UNAVAILABLE, "connection refused");
    const int epoch = epoch_;
    api::WatchResponse snapshot;
    snapshot.set_snapshot_begin(true);
    for (const auto& [id, object] : objects_) *snapshot.add_put() = object;
    snapshot.set_snapshot_done(true);
    snapshot.set_revision(revision_);
    std::size_t next = feed_.size();
    if (!writeUnlocked(lock, *writer, snapshot)) return Status::OK;
    while (epoch == epoch_ && !context->IsCancelled()) {
      if (next < feed_.size()) {
        if (!writeUnlocked(lock, *writer, api::WatchResponse(feed_[next++]))) break;
        continue;
      }
      const bool woken =
          changed_.wait_for(lock, std::chrono::milliseconds(500)) == std::cv_status::no_timeout;
      if (!woken && !writeUnlocked(lock, *writer, api::WatchResponse())) break;
    }
    return Status(grpc::StatusCode::UNAVAILABLE, "the controller stops");
  }

  static bool writeUnlocked(std::unique_lock<std::mutex>& lock,
                            grpc::ServerWriter<api::WatchResponse>& writer,
                            const api::WatchResponse& response) {
    lock.unlock();
    const bool ok = writer.Write(response);
    lock.lock();
    return ok;
  }

  Status Logs(Context* context, const api::LogsRequest* request,
              grpc::ServerWriter<api::LogLines>* writer) override {
    std::unique_lock lock(mutex_);
    const int epoch = epoch_;
    for (const api::LogLines& lines : logs_) writer->Write(lines);
    while (request->follow() && epoch == epoch_ && !context->IsCancelled()) {
      changed_.wait_for(lock, std::chrono::milliseconds(100));
    }
    return Status::OK;
  }

  Status GetServerInfo(Context*, const api::GetServerInfoRequest*,
                       api::ServerInfo* answer) override {
    *answer = info;
    return Status::OK;
  }

  Status List(Context*, const api::ListRequest* request, api::ListResponse* answer) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, object] : objects_) {
      const client::Key key = client::keyOf(object);
      if (object.object_case() == client::kindOf(request->kind()) &&
          (request->namespace_().empty() || request->namespace_() == key.ns) &&
          (request->name().empty() || request->name() == key.name)) {
        *answer->add_items() = object;
      }
    }
    return Status::OK;
  }

  template <class Handler, class Request, class Answer>
  static Status answerWith(const Handler& handler, const Request& request, Answer* answer) {
    return handler ? handler(request, answer) : Status::OK;
  }
  Status ApprovePlan(Context*, const api::ApprovePlanRequest* request, api::Plan* answer) override {
    return answerWith(onApprove, *request, answer);
  }
  Status RejectPlan(Context*, const api::RejectPlanRequest* request, api::Plan* answer) override {
    return answerWith(onReject, *request, answer);
  }
  Status PreviewRollback(Context*, const api::RollbackRequest* request,
                         api::RollbackPreview* answer) override {
    return answerWith(onPreviewRollback, *request, answer);
  }
  Status Rollback(Context*, const api::RollbackRequest* request,
                  api::RollbackResponse* answer) override {
    return answerWith(onRollback, *request, answer);
  }
  Status Sync(Context*, const api::SyncRequest* request, api::SyncResponse* answer) override {
    return answerWith(onSync, *request, answer);
  }
  Status HoldRevision(Context*, const api::HoldRevisionRequest* request,
                      api::Hold* answer) override {
    return answerWith(onHold, *request, answer);
  }
  Status LiftHold(Context*, const api::LiftHoldRequest* request,
                  api::LiftHoldResponse* answer) override {
    return answerWith(onLiftHold, *request, answer);
  }
  Status Suspend(Context*, const api::SuspendRequest* request,
                 api::SuspendResponse* answer) override {
    return answerWith(onSuspend, *request, answer);
  }
  Status Resume(Context*, const api::ResumeRequest* request, api::ResumeResponse* answer) override {
    return answerWith(onResume, *request, answer);
  }
  Status PreviewRevision(Context*, const api::PreviewRevisionRequest* request,
                         api::Plan* answer) override {
    return answerWith(onPreviewRevision, *request, answer);
  }
  Status CompareRevisions(Context*, const api::CompareRevisionsRequest* request,
                          api::Plan* answer) override {
    return answerWith(onCompare, *request, answer);
  }
  Status PauseRollout(Context*, const api::RolloutRequest* request,
                      api::RolloutResponse* answer) override {
    return answerWith(onPause, *request, answer);
  }
  Status PreviewDrain(Context*, const api::NodeRequest* request,
                      api::DrainPreview* answer) override {
    return answerWith(onPreviewDrain, *request, answer);
  }
  Status Drain(Context*, const api::NodeRequest* request, api::NodeResponse* answer) override {
    return answerWith(onDrain, *request, answer);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, api::Object> objects_;
  std::vector<api::WatchResponse> feed_;
  std::vector<api::LogLines> logs_;
  std::uint64_t revision_ = 1;
  int epoch_ = 0;
  bool refusing_ = false;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace gantry::support
