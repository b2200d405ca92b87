// SPDX-License-Identifier: Apache-2.0
#include "app/client/connection.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "controller/api/control.grpc.pb.h"

namespace gantry::client {
namespace {

using Stub = api::Control::Stub;
using Async = api::Control::StubInterface::async_interface;

absl::Status toAbsl(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

/// The unary calls that are under way, so that the connection can cancel them and wait.
class Calls {
 public:
  void add(grpc::ClientContext* call) {
    const std::lock_guard lock(mutex_);
    running_.insert(call);
  }
  /// Frees it, too: it holds the channel, and gRPC aborts if the last who holds that is one of its
  /// own threads, which the waiter no longer waits for.
  void remove(std::unique_ptr<grpc::ClientContext> call) {
    const std::lock_guard lock(mutex_);
    running_.erase(call.get());
    call.reset();
    // Under the lock: the waiter frees this object as soon as it can take it.
    changed_.notify_all();
  }
  void cancelAndWait() {
    std::unique_lock lock(mutex_);
    for (grpc::ClientContext* call : running_) call->TryCancel();
    changed_.wait(lock, [this] { return running_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<grpc::ClientContext*> running_;
};

/// One server stream: reads until it ends, hands each message on.
template <class Message>
class ServerStream final : public Stream, private grpc::ClientReadReactor<Message> {
 public:
  template <class Request>
  using Method = void (Async::*)(grpc::ClientContext*, const Request*,
                                 grpc::ClientReadReactor<Message>*);

  template <class Request>
  ServerStream(Async& stub, Method<Request> method, Request request,
               StreamHandlers<Message> handlers)
      : handlers_(std::move(handlers)) {
    (stub.*method)(&context_, &request, this);
    this->StartRead(&message_);
    this->StartCall();
  }

  ~ServerStream() override {
    context_.TryCancel();
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return done_; });
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;
    handlers_.onMessage(std::move(message_));
    message_.Clear();
    this->StartRead(&message_);
  }

  void OnDone(const grpc::Status& status) override {
    handlers_.onEnd(toAbsl(status));
    const std::lock_guard lock(mutex_);
    done_ = true;
    ended_.notify_all();
  }

  grpc::ClientContext context_;
  StreamHandlers<Message> handlers_;
  Message message_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool done_ = false;
};

class GrpcConnection final : public Connection {
 public:
  explicit GrpcConnection(std::shared_ptr<grpc::Channel> channel)
      : stub_(api::Control::NewStub(std::move(channel))) {}
  ~GrpcConnection() override { calls_.cancelAndWait(); }

  void getServerInfo(api::GetServerInfoRequest request, Callback<api::ServerInfo> done) override {
    call(&Async::GetServerInfo, std::move(request), std::move(done));
  }
  void list(api::ListRequest request, Callback<api::ListResponse> done) override {
    call(&Async::List, std::move(request), std::move(done));
  }
  std::unique_ptr<Stream> watch(api::WatchRequest request,
                                StreamHandlers<api::WatchResponse> handlers) override {
    return std::make_unique<ServerStream<api::WatchResponse>>(
        *stub_->async(), &Async::Watch, std::move(request), std::move(handlers));
  }
  std::unique_ptr<Stream> logs(api::LogsRequest request,
                               StreamHandlers<api::LogLines> handlers) override {
    return std::make_unique<ServerStream<api::LogLines>>(*stub_->async(), &Async::Logs,
                                                         std::move(request), std::move(handlers));
  }
  void sync(api::SyncRequest request, Callback<api::SyncResponse> done) override {
    call(&Async::Sync, std::move(request), std::move(done), 2 * kCallDeadline);
  }
  void approvePlan(api::ApprovePlanRequest request, Callback<api::Plan> done) override {
    call(&Async::ApprovePlan, std::move(request), std::move(done));
  }
  void rejectPlan(api::RejectPlanRequest request, Callback<api::Plan> done) override {
    call(&Async::RejectPlan, std::move(request), std::move(done));
  }
  void previewRollback(api::RollbackRequest request, Callback<api::RollbackPreview> done) override {
    call(&Async::PreviewRollback, std::move(request), std::move(done), 2 * kCallDeadline);
  }
  void rollback(api::RollbackRequest request, Callback<api::RollbackResponse> done) override {
    call(&Async::Rollback, std::move(request), std::move(done), 2 * kCallDeadline);
  }
  void holdRevision(api::HoldRevisionRequest request, Callback<api::Hold> done) override {
    call(&Async::HoldRevision, std::move(request), std::move(done), 2 * kCallDeadline);
  }
  void liftHold(api::LiftHoldRequest request, Callback<api::LiftHoldResponse> done) override {
    call(&Async::LiftHold, std::move(request), std::move(done));
  }
  void suspend(api::SuspendRequest request, Callback<api::SuspendResponse> done) override {
    call(&Async::Suspend, std::move(request), std::move(done));
  }
  void resume(api::ResumeRequest request, Callback<api::ResumeResponse> done) override {
    call(&Async::Resume, std::move(request), std::move(done));
  }
  void previewRevision(api::PreviewRevisionRequest request, Callback<api::Plan> done) override {
    call(&Async::PreviewRevision, std::move(request), std::move(done), 2 * kCallDeadline);
  }
  void compareRevisions(api::CompareRevisionsRequest request, Callback<api::Plan> done) override {
    call(&Async::CompareRevisions, std::move(request), std::move(done), 2 * kCallDeadline);
  }
  void pauseRollout(api::RolloutRequest request, Callback<api::RolloutResponse> done) override {
    call(&Async::PauseRollout, std::move(request), std::move(done));
  }
  void resumeRollout(api::RolloutRequest request, Callback<api::RolloutResponse> done) override {
    call(&Async::ResumeRollout, std::move(request), std::move(done));
  }
  void cordon(api::NodeRequest request, Callback<api::NodeResponse> done) override {
    call(&Async::Cordon, std::move(request), std::move(done));
  }
  void uncordon(api::NodeRequest request, Callback<api::NodeResponse> done) override {
    call(&Async::Uncordon, std::move(request), std::move(done));
  }
  void previewDrain(api::NodeRequest request, Callback<api::DrainPreview> done) override {
    call(&Async::PreviewDrain, std::move(request), std::move(done));
  }
  void drain(api::NodeRequest request, Callback<api::NodeResponse> done) override {
    call(&Async::Drain, std::move(request), std::move(done));
  }
  void createJoinToken(api::CreateJoinTokenRequest request,
                       Callback<api::CreateJoinTokenResponse> done) override {
    call(&Async::CreateJoinToken, std::move(request), std::move(done));
  }

 private:
  template <class Request, class Response>
  using Method = void (Async::*)(grpc::ClientContext*, const Request*, Response*,
                                 std::function<void(grpc::Status)>);

  template <class Request, class Response>
  void call(Method<Request, Response> method, Request request, Callback<Response> done,
            base::Duration deadline = kCallDeadline) {
    struct Call {
      std::unique_ptr<grpc::ClientContext> context = std::make_unique<grpc::ClientContext>();
      Request request;
      Response response;
      Callback<Response> done;
    };
    auto call = std::make_shared<Call>();
    call->request = std::move(request);
    call->done = std::move(done);
    call->context->set_deadline(std::chrono::system_clock::now() + deadline);
    calls_.add(call->context.get());
    (stub_->async()->*method)(call->context.get(), &call->request, &call->response,
                              [this, call](const grpc::Status& status) {
                                if (status.ok()) {
                                  call->done(std::move(call->response));
                                } else {
                                  call->done(toAbsl(status));
                                }
                                calls_.remove(std::move(call->context));
                              });
  }

  std::unique_ptr<Stub> stub_;
  Calls calls_;
};

}  // namespace

std::unique_ptr<Connection> connect(const Context& context) {
  const grpc::SslCredentialsOptions tls{context.caCertificate, context.key, context.certificate};
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  // The caller backs off itself (LiveFeed); the transport must not wait much longer than it does.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  // A plan of a large application carries every manifest twice.
  arguments.SetMaxReceiveMessageSize(64 * 1024 * 1024);
  return connectOver(
      grpc::CreateCustomChannel(context.server, grpc::SslCredentials(tls), arguments));
}

std::unique_ptr<Connection> connectOver(std::shared_ptr<grpc::Channel> channel) {
  return std::make_unique<GrpcConnection>(std::move(channel));
}

}  // namespace gantry::client
