// SPDX-License-Identifier: Apache-2.0
#include "app/client/live_feed.h"

#include <utility>

#include "base/status.h"

namespace gantry::client {
namespace {

using namespace std::chrono_literals;

/// A stream that has been silent for so long is given up, whatever the transport thinks of it.
constexpr base::Duration kSilenceLimit = 6s;
/// One slice of work on the executor's thread, and when the next one follows: a frame at 60 Hz with
/// three quarters left for painting and input.
constexpr base::Duration kSlice = 4ms;
constexpr base::Duration kFrame = 16ms;
/// Objects that are applied between two looks at the clock.
constexpr std::size_t kObjectsPerStep = 256;

/// Moves up to `count` objects out of `batch`. What ends a snapshot goes with the last of them.
Batch takeStep(Batch& batch, std::size_t count) {
  Batch step;
  step.snapshotBegin = std::exchange(batch.snapshotBegin, false);
  while (!batch.objects.empty() && count-- > 0) {
    step.objects.insert(batch.objects.extract(batch.objects.begin()));
  }
  if (batch.objects.empty()) {
    step.snapshotDone = batch.snapshotDone;
    step.revision = batch.revision;
  }
  return step;
}

}  // namespace

/// Where the transport's thread leaves what it decoded. Outlives the feed while a handler runs.
struct LiveFeed::Inbox {
  std::mutex mutex;
  std::deque<Batch> batches;
  std::optional<base::Instant> lastHeard;
  std::optional<base::Instant> oldestPending;
  bool drainPosted = false;
  /// Messages of streams before this one are dropped.
  std::uint64_t generation = 0;
  /// Null once the feed is gone. Read and written on the executor's thread only.
  LiveFeed* feed = nullptr;

  void add(api::WatchResponse&& message, base::Instant now) {
    lastHeard = now;
    const bool hasContent = message.snapshot_begin() || message.snapshot_done() ||
                            message.put_size() > 0 || message.deleted_size() > 0;
    if (!hasContent && batches.empty()) return;
    if (!oldestPending) oldestPending = now;
    // Changes after a snapshot must not be merged into it: they could hide its end behind them.
    if (batches.empty() || message.snapshot_begin() || batches.back().snapshotDone) {
      batches.emplace_back();
    }
    Batch& batch = batches.back();
    batch.snapshotBegin |= message.snapshot_begin();
    batch.snapshotDone |= message.snapshot_done();
    if (message.revision() != 0) batch.revision = message.revision();
    for (api::Object& object : *message.mutable_put()) {
      auto shared = std::make_shared<api::Object>(std::move(object));
      batch.objects[{shared->object_case(), keyOf(*shared)}] = std::move(shared);
    }
    for (const api::ObjectRef& ref : message.deleted()) {
      batch.objects[{kindOf(ref.kind()), Key{ref.namespace_(), ref.name()}}] = nullptr;
    }
  }
};

LiveFeed::LiveFeed(base::Executor& executor, Connection& connection, api::WatchRequest request)
    : executor_(executor),
      connection_(connection),
      request_(std::move(request)),
      inbox_(std::make_shared<Inbox>()),
      backoff_(200ms, 10s) {
  inbox_->feed = this;
}

LiveFeed::~LiveFeed() {
  if (retryTimer_ != 0) executor_.cancel(retryTimer_);
  if (silenceTimer_ != 0) executor_.cancel(silenceTimer_);
  stream_.reset();
  inbox_->feed = nullptr;
}

void LiveFeed::start() {
  open();
  checkSilence();
}

void LiveFeed::resync() {
  if (retryTimer_ != 0) executor_.cancel(std::exchange(retryTimer_, 0));
  backoff_.reset();
  open();
}

void LiveFeed::open() {
  stream_.reset();
  const std::uint64_t generation = ++generation_;
  {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->batches.clear();
    inbox_->oldestPending.reset();
    inbox_->generation = generation;
  }
  facts_.inSnapshot = true;
  ++facts_.attempts;
  StreamHandlers<api::WatchResponse> handlers;
  handlers.onMessage = [inbox = inbox_, generation,
                        &executor = executor_](api::WatchResponse&& message) {
    const std::lock_guard lock(inbox->mutex);
    if (inbox->generation != generation) return;
    inbox->add(std::move(message), executor.now());
    if (std::exchange(inbox->drainPosted, true)) return;
    executor.post([inbox] {
      if (inbox->feed != nullptr) inbox->feed->drain();
    });
  };
  handlers.onEnd = [inbox = inbox_, generation, &executor = executor_](const absl::Status& status) {
    executor.post([inbox, generation, status] {
      if (inbox->feed != nullptr) inbox->feed->onEnd(generation, status);
    });
  };
  stream_ = connection_.watch(request_, std::move(handlers));
}

void LiveFeed::onEnd(std::uint64_t generation, const absl::Status& status) {
  if (generation != generation_) return;
  stream_.reset();
  facts_.connected = false;
  facts_.error = status.ok() ? "the server ended the stream" : std::string(status.message());
  scheduleRetry();
  notify();
}

void LiveFeed::scheduleRetry() {
  if (retryTimer_ != 0) return;
  retryTimer_ = executor_.postAfter(base::jitter(executor_, backoff_.next(), 0.25), [this] {
    retryTimer_ = 0;
    open();
  });
}

void LiveFeed::checkSilence() {
  std::optional<base::Instant> heard;
  {
    const std::lock_guard lock(inbox_->mutex);
    heard = inbox_->lastHeard;
  }
  if (facts_.connected && heard && executor_.now() - *heard > kSilenceLimit) {
    facts_.connected = false;
    facts_.error = "the server is silent";
    open();
    notify();
  }
  silenceTimer_ = executor_.postAfter(1s, [this] { checkSilence(); });
}

void LiveFeed::drain() {
  const base::Instant end = executor_.now() + kSlice;
  bool more = true;
  while (more && executor_.now() <= end) {
    Batch step;
    {
      const std::lock_guard lock(inbox_->mutex);
      if (!inbox_->batches.empty()) {
        step = takeStep(inbox_->batches.front(), kObjectsPerStep);
        if (inbox_->batches.front().objects.empty()) inbox_->batches.pop_front();
      }
      more = !inbox_->batches.empty();
      if (!more) {
        inbox_->drainPosted = false;
        inbox_->oldestPending.reset();
      }
    }
    cache_.apply(step);
    if (step.snapshotDone) {
      facts_.inSnapshot = false;
      backoff_.reset();
    }
  }
  if (more) {
    executor_.postAfter(kFrame, [inbox = inbox_] {
      if (inbox->feed != nullptr) inbox->feed->drain();
    });
  }
  facts_.connected = stream_ != nullptr;
  facts_.attempts = 0;
  facts_.error.clear();
  notify();
}

FreshnessReport LiveFeed::freshness() const {
  LinkFacts facts = facts_;
  {
    const std::lock_guard lock(inbox_->mutex);
    facts.lastHeard = inbox_->lastHeard;
    facts.oldestPending = inbox_->oldestPending;
  }
  facts.hasSnapshot = cache_.hasSnapshot();
  facts.snapshotProgress = cache_.snapshotProgress();
  return judgeFreshness(facts, executor_.now());
}

void LiveFeed::notify() {
  if (onUpdate_) onUpdate_();
}

}  // namespace gantry::client
