// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <type_traits>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"
#include "base/executor.h"

namespace gantry::agent::cri {

/// The calls to the runtime that are under way: each has a deadline, and answers on the executor's
/// thread. When this object goes, they are cancelled and waited for, and their answers dropped.
class Calls {
 public:
  explicit Calls(base::Executor& executor) : executor_(executor) {}

  ~Calls() {
    alive_.reset();
    std::unique_lock lock(mutex_);
    for (grpc::ClientContext* each : underWay_) each->TryCancel();
    idle_.wait(lock, [this] { return underWay_.empty(); });
  }

  /// Runs `task` on the executor's thread, unless this object is gone by then.
  void post(std::function<void()> task) {
    executor_.post([alive = std::weak_ptr<int>(alive_), task = std::move(task)] {
      if (!alive.expired()) task();
    });
  }

  /// `method` is a method of a stub's async interface: calls it with `request`, then `done` with
  /// the status and, if that is OK, the response.
  template <class Stub, class Request, class Response>
  void start(Stub* stub,
             void (Stub::*method)(grpc::ClientContext*, const Request*, Response*,
                                  std::function<void(grpc::Status)>),
             Request request, base::Duration timeout,
             std::type_identity_t<std::function<void(absl::Status, const Response&)>> done) {
    struct Call {
      grpc::ClientContext context;
      Request request;
      Response response;
      std::function<void(absl::Status, const Response&)> done;
    };
    auto call = std::make_shared<Call>();
    call->request = std::move(request);
    call->done = std::move(done);
    call->context.set_deadline(std::chrono::system_clock::now() + timeout);
    {
      const std::lock_guard lock(mutex_);
      underWay_.insert(&call->context);
    }
    (stub->*method)(&call->context, &call->request, &call->response,
                    [this, call, alive = std::weak_ptr<int>(alive_)](grpc::Status status) {
                      executor_.post([call, alive, status = std::move(status)] {
                        if (alive.expired()) return;
                        call->done(absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                                                status.error_message()),
                                   call->response);
                      });
                      const std::lock_guard lock(mutex_);
                      underWay_.erase(&call->context);
                      idle_.notify_all();
                    });
  }

 private:
  base::Executor& executor_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::set<grpc::ClientContext*> underWay_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace gantry::agent::cri
