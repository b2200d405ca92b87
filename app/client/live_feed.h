// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "app/client/connection.h"
#include "app/client/freshness.h"
#include "app/client/live_cache.h"
#include "base/backoff.h"
#include "base/executor.h"

namespace gantry::client {

/// Keeps a LiveCache up to date over a connection: watches, merges what arrives on the transport's
/// thread, applies it on the executor's in slices that leave room for a frame, and dials again with
/// back-off and jitter when the stream ends or falls silent. Executor's thread.
class LiveFeed {
 public:
  LiveFeed(base::Executor& executor, Connection& connection, api::WatchRequest request = {});
  ~LiveFeed();
  LiveFeed(const LiveFeed&) = delete;
  LiveFeed& operator=(const LiveFeed&) = delete;

  void start();

  /// Drops the stream and fetches a new snapshot at once; what is shown stays meanwhile.
  void resync();

  LiveCache& cache() { return cache_; }
  const LiveCache& cache() const { return cache_; }

  /// As of now. Ask again as time passes: silence alone changes it.
  FreshnessReport freshness() const;

  /// Called after each slice that was applied and whenever the link changes.
  void setOnUpdate(std::function<void()> onUpdate) { onUpdate_ = std::move(onUpdate); }

 private:
  struct Inbox;

  void open();
  void onEnd(std::uint64_t generation, const absl::Status& status);
  void scheduleRetry();
  void checkSilence();
  void drain();
  void notify();

  base::Executor& executor_;
  Connection& connection_;
  api::WatchRequest request_;
  LiveCache cache_;
  std::shared_ptr<Inbox> inbox_;
  std::unique_ptr<Stream> stream_;
  std::uint64_t generation_ = 0;
  LinkFacts facts_;
  base::Backoff backoff_;
  base::Executor::TimerId retryTimer_ = 0;
  base::Executor::TimerId silenceTimer_ = 0;
  std::function<void()> onUpdate_;
};

}  // namespace gantry::client
