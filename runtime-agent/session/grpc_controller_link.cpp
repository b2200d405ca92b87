// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/grpc_controller_link.h"

#include <grpcpp/channel.h>

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/log.h"
#include "runtime-agent/session/grpc_session.h"

namespace gantry::agent {
namespace {

constexpr double kJitter = 0.2;

std::uint64_t readFencing(const std::filesystem::path& file) {
  const absl::StatusOr<std::string> text = base::readFile(file);
  std::uint64_t token = 0;
  if (text.ok() && absl::SimpleAtoi(*text, &token)) return token;
  if (!text.ok() && absl::IsNotFound(text.status())) return 0;
  base::logWarning(absl::StrCat(file.string(), " cannot be read; any controller is believed"));
  return 0;
}

}  // namespace

// The state of the link. Executor's thread; gRPC's threads only post to it.
class GrpcControllerLink::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(base::Executor& executor, const std::shared_ptr<grpc::Channel>& channel, LogResponder* logs,
       Options options)
      : executor_(executor),
        stub_(api::AgentLink::NewStub(channel)),
        logs_(logs),
        options_(std::move(options)),
        backoff_(options_.firstDelay, options_.longestDelay) {}

  void start(Handler handler) {
    handler_ = std::move(handler);
    highestToken_ = readFencing(options_.fencingFile);
    dial();
  }

  void send(const api::AgentMessage& message) {
    if (isUp_) session_->send(message);
  }

  void stop() {
    executor_.cancel(redial_);
    if (!session_) return;
    session_->cancel();
    session_->waitUntilEnded();
  }

 private:
  void dial() {
    ++dialled_;
    session_ = GrpcSession::begin(
        *stub_,
        {
            .onAccepted = [post = poster()] { post([](Core& core) { core.accepted(); }); },
            .onMessage =
                [post = poster()](api::ControllerMessage message) {
                  post([message = std::move(message)](Core& core) { core.received(message); });
                },
            .onEnded =
                [post = poster()](absl::Status status, std::shared_ptr<GrpcSession> session) {
                  // The task holds the session until it has run on the executor's thread.
                  post([status = std::move(status), session = std::move(session)](Core& core) {
                    core.ended(status);
                  });
                },
        });
  }

  // Brings what a session says to the executor's thread, where it counts only while the link and
  // that session last.
  std::function<void(std::function<void(Core&)>)> poster() {
    return [weak = weak_from_this(), number = dialled_,
            &executor = executor_](std::function<void(Core&)> task) {
      executor.post([weak, number, task = std::move(task)] {
        const std::shared_ptr<Core> core = weak.lock();
        if (core && core->dialled_ == number) task(*core);
      });
    };
  }

  void accepted() {
    isUp_ = true;
    api::AgentMessage message;
    *message.mutable_hello() = handler_.onConnected();
    session_->send(std::move(message));
  }

  void received(const api::ControllerMessage& message) {
    if (!isUp_ || !isCurrent(message.fencing_token())) return;
    backoff_.reset();
    if (message.has_log_query()) {
      if (logs_) logs_->onQuery(message.log_query());
    } else if (message.has_log_cancel()) {
      if (logs_) logs_->onCancel(message.log_cancel());
    } else {
      handler_.onMessage(message);
    }
  }

  bool isCurrent(std::uint64_t token) {
    if (token < highestToken_) {
      base::logWarning(
          absl::StrCat("refused a message of a controller that is no longer the leader: "
                       "its fencing token is ",
                       token, ", the newest ", highestToken_));
      session_->cancel();
      down();
      return false;
    }
    if (token > highestToken_) {
      highestToken_ = token;
      const absl::Status stored =
          base::writeFileAtomically(options_.fencingFile, absl::StrCat(token), base::kOwnerOnly);
      if (!stored.ok()) base::logWarning(std::string(stored.message()));
    }
    return true;
  }

  void ended(const absl::Status& status) {
    down();
    session_.reset();
    const base::Duration delay = base::jitter(executor_, backoff_.next(), kJitter);
    base::logWarning(absl::StrCat(
        "no session with the controller: ", status.ok() ? "it ended the session" : status.message(),
        "; trying again in ", delay.count(), " ms"));
    redial_ = executor_.postAfter(delay, [weak = weak_from_this()] {
      if (const std::shared_ptr<Core> core = weak.lock()) core->dial();
    });
  }

  void down() {
    if (!std::exchange(isUp_, false)) return;
    if (logs_) logs_->onDisconnected();
    handler_.onDisconnected();
  }

  base::Executor& executor_;
  const std::unique_ptr<api::AgentLink::Stub> stub_;
  LogResponder* const logs_;
  const Options options_;
  Handler handler_;
  base::Backoff backoff_;
  base::Executor::TimerId redial_ = 0;
  std::shared_ptr<GrpcSession> session_;
  std::uint64_t dialled_ = 0;
  bool isUp_ = false;
  std::uint64_t highestToken_ = 0;
};

GrpcControllerLink::GrpcControllerLink(base::Executor& executor,
                                       std::shared_ptr<grpc::Channel> channel, LogResponder* logs,
                                       Options options)
    : core_(std::make_shared<Core>(executor, channel, logs, std::move(options))) {}

GrpcControllerLink::~GrpcControllerLink() {
  core_->stop();
}

void GrpcControllerLink::start(Handler handler) {
  core_->start(std::move(handler));
}

void GrpcControllerLink::send(const api::AgentMessage& message) {
  core_->send(message);
}

}  // namespace gantry::agent
