// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "controller/api/watch.pb.h"
#include "controller/model/state.h"
#include "controller/server/objects.h"
#include "controller/server/pull_stream.h"

namespace gantry::server {

/// What one watcher has yet to be told: the rest of a snapshot, then changes, merged by object
/// while they wait. It shares the state's objects and turns them into messages when the watcher
/// takes them, on the watcher's thread.
class WatchFeed {
 public:
  /// A message holds at most so many objects, and ends after the one that takes it over so many
  /// bytes.
  static constexpr std::size_t kObjectsPerMessage = 500;
  static constexpr std::size_t kBytesPerMessage = 1 << 20;
  /// With more changes than that the watcher is told the whole state again, which is less.
  static constexpr std::size_t kMostPending = 50'000;

  /// `wake` is called when there is something to pull; it must not call back.
  WatchFeed(const base::Executor& clock, ObjectFilter filter, std::function<void()> wake);

  // ---- the hub's side; controller's thread

  /// Begins with, or again with, the whole state.
  void restart(const model::State& state);
  /// The changes of one commit, after which the state is at `revision`. False: too many wait, call
  /// restart.
  bool push(std::span<const model::Change> changes, std::int64_t revision);
  /// A heartbeat is due if nothing was taken since the last tick.
  void tick();

  // ---- the watcher's side; one thread at a time

  Pulled next(api::WatchResponse& response);

 private:
  struct Item {
    const char* kind = nullptr;
    model::Name name;
    model::AnyObject object;
    bool erased = false;
  };
  using Key = std::pair<std::string_view, model::Name>;

  bool stage(api::WatchResponse& response);
  bool stageObjects();
  void fill(api::WatchResponse& response);

  const base::Executor& clock_;
  const ObjectFilter filter_;
  const std::function<void()> wake_;

  /// Taken by the watcher, not yet sent. Touched by its thread only.
  std::deque<Item> staged_;

  std::mutex mutex_;
  bool beginDue_ = false;
  std::vector<model::AnyObject> snapshot_;
  std::size_t snapshotNext_ = 0;
  bool doneDue_ = false;
  std::map<Key, Item> pending_;
  bool heartbeatDue_ = false;
  bool quiet_ = false;
  std::int64_t revision_ = 0;
};

}  // namespace gantry::server
