// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/executor.h"
#include "controller/webhooks/receiver.h"

namespace gantry::server {

/// What stands between HTTP and webhooks::Receiver. It answers before any work is done: a delivery
/// that is let through is posted to the executor. Any thread.
class WebhookEndpoint {
 public:
  /// How long a body may be on its way.
  static constexpr base::Duration kPatience = base::Duration(5'000);

  /// Takes a piece of a body; false: no more of it.
  using Sink = std::function<bool(std::string_view piece)>;
  /// Gives the body to the sink, piece by piece; false if that came to an end before it was whole.
  using ReadBody = std::function<bool(const Sink& sink)>;
  using Reply = std::function<void(int status, const std::string& text)>;

  /// `hint` runs on the executor's thread, `answered` on any.
  WebhookEndpoint(base::Executor& executor, webhooks::Secrets secrets,
                  std::function<void(const webhooks::PushHint&)> hint,
                  std::function<void(const webhooks::Answer&)> answered);

  void take(const webhooks::Headers& headers, const std::string& remote, const ReadBody& read,
            const Reply& reply);

 private:
  webhooks::Answer judge(const webhooks::Headers& headers, const ReadBody& read) const;

  base::Executor& executor_;
  std::function<void(const webhooks::PushHint&)> hint_;
  std::function<void(const webhooks::Answer&)> answered_;
  std::mutex mutex_;
  webhooks::Receiver receiver_;
};

}  // namespace gantry::server
