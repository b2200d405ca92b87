// SPDX-License-Identifier: Apache-2.0
#include "controller/server/watch_feed.h"

#include <algorithm>

namespace gantry::server {

WatchFeed::WatchFeed(const base::Executor& clock, ObjectFilter filter, std::function<void()> wake)
    : clock_(clock), filter_(std::move(filter)), wake_(std::move(wake)) {}

void WatchFeed::restart(const model::State& state) {
  std::vector<model::AnyObject> objects = filter_.collect(state);
  {
    const std::lock_guard lock(mutex_);
    beginDue_ = true;
    doneDue_ = true;
    snapshot_.swap(objects);
    snapshotNext_ = 0;
    pending_.clear();
    revision_ = state.revision;
  }
  wake_();
}

bool WatchFeed::push(std::span<const model::Change> changes, std::int64_t revision) {
  bool news = false;
  {
    const std::lock_guard lock(mutex_);
    for (const model::Change& change : changes) {
      if (!filter_.matches(change.kind, change.name)) continue;
      pending_[{change.kind, change.name}] = {change.kind, change.name, change.object,
                                              change.erased};
      news = true;
    }
    revision_ = revision;
    if (pending_.size() > kMostPending) return false;
  }
  if (news) wake_();
  return true;
}

void WatchFeed::tick() {
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    due = quiet_;
    heartbeatDue_ = heartbeatDue_ || due;
    quiet_ = true;
  }
  if (due) wake_();
}

Pulled WatchFeed::next(api::WatchResponse& response) {
  if (!stage(response)) return Pulled::kNothing;
  fill(response);
  response.set_server_time_ms(base::toUnixMs(clock_.wallNow()));
  return Pulled::kMessage;
}

// Decides what the next message is about. What is staged already goes first: it is older than
// anything else.
bool WatchFeed::stage(api::WatchResponse& response) {
  const std::lock_guard lock(mutex_);
  response.set_revision(static_cast<std::uint64_t>(revision_));
  if (staged_.empty()) {
    if (std::exchange(beginDue_, false)) {
      response.set_snapshot_begin(true);
    } else if (!stageObjects()) {
      if (!std::exchange(heartbeatDue_, false)) return false;
    } else if (staged_.empty()) {
      response.set_snapshot_done(true);
    }
  }
  heartbeatDue_ = false;
  quiet_ = false;
  return true;
}

// True with nothing staged: the snapshot has just ended.
bool WatchFeed::stageObjects() {
  while (snapshotNext_ < snapshot_.size() && staged_.size() < kObjectsPerMessage) {
    staged_.push_back({nullptr, {}, std::move(snapshot_[snapshotNext_++]), false});
  }
  if (!staged_.empty()) return true;
  if (std::exchange(doneDue_, false)) {
    snapshot_ = {};
    snapshotNext_ = 0;
    return true;
  }
  while (!pending_.empty() && staged_.size() < kObjectsPerMessage) {
    staged_.push_back(std::move(pending_.extract(pending_.begin()).mapped()));
  }
  return !staged_.empty();
}

void WatchFeed::fill(api::WatchResponse& response) {
  std::size_t bytes = 0;
  while (!staged_.empty() && bytes < kBytesPerMessage) {
    const Item item = std::move(staged_.front());
    staged_.pop_front();
    if (item.erased) {
      api::ObjectRef& ref = *response.add_deleted();
      ref.set_kind(item.kind);
      ref.set_namespace_(item.name.ns);
      ref.set_name(item.name.name);
    } else {
      *response.add_put() = toObject(item.object);
      bytes += response.put().rbegin()->ByteSizeLong();
    }
  }
}

}  // namespace gantry::server
