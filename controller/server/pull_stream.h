// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace gantry::server {

/// What a source has for its stream.
enum class Pulled {
  kMessage,
  /// Nothing; it will wake the stream when it has something.
  kNothing,
  /// Nothing, for ever.
  kEnd,
};

/// A stream to a client that asks its source for the next message when the client has taken the one
/// before: what the client does not take, the source merges or drops. Any thread.
template <class Response>
class PullStream final : public grpc::ServerWriteReactor<Response> {
 public:
  /// Fills in the next message. Called by one thread at a time, never under a lock of the stream.
  using Source = std::function<Pulled(Response&)>;

  /// Lives until the call has ended and nobody holds it. `onClosed` runs once, when the call has
  /// ended, whoever ended it.
  static std::shared_ptr<PullStream> open(std::function<void()> onClosed = {}) {
    std::shared_ptr<PullStream> stream(new PullStream(std::move(onClosed)));
    stream->self_ = stream;
    return stream;
  }

  /// Begins to pull; once.
  void start(Source source) {
    {
      const std::lock_guard lock(mutex_);
      source_ = std::move(source);
    }
    wake();
  }

  /// The source may have something.
  void wake() {
    {
      const std::lock_guard lock(mutex_);
      again_ = true;
      if (busy_) return;
      busy_ = true;
    }
    pump();
  }

  /// Ends the call without asking the source again.
  void end(const grpc::Status& status) {
    {
      const std::lock_guard lock(mutex_);
      if (!ending_) ending_ = status;
    }
    wake();
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      pump();
    } else {
      finish(grpc::Status::CANCELLED);
    }
  }
  void OnCancel() override { end(grpc::Status::CANCELLED); }
  void OnDone() override {
    const std::shared_ptr<PullStream> self = std::move(self_);
    source_ = nullptr;
    if (onClosed_) onClosed_();
  }

 private:
  explicit PullStream(std::function<void()> onClosed) : onClosed_(std::move(onClosed)) {}

  // Runs on the thread that made the stream busy. Busy it stays while a write is under way, and for
  // ever once it has finished, so that nobody touches the call after that.
  void pump() {
    while (true) {
      std::optional<grpc::Status> ending;
      {
        const std::lock_guard lock(mutex_);
        again_ = false;
        ending = ending_;
      }
      if (ending) return finish(*ending);
      response_.Clear();
      const Pulled pulled = source_ ? source_(response_) : Pulled::kNothing;
      if (pulled == Pulled::kMessage) return this->StartWrite(&response_);
      if (pulled == Pulled::kEnd) return finish(grpc::Status::OK);
      const std::lock_guard lock(mutex_);
      if (again_) continue;
      busy_ = false;
      return;
    }
  }

  void finish(const grpc::Status& status) { this->Finish(status); }

  std::shared_ptr<PullStream> self_;
  std::function<void()> onClosed_;
  std::mutex mutex_;
  Source source_;
  Response response_;
  bool busy_ = false;
  bool again_ = false;
  std::optional<grpc::Status> ending_;
};

}  // namespace gantry::server
