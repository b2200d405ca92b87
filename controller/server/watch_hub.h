// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/model/ledger.h"
#include "controller/server/watch_feed.h"

namespace gantry::server {

/// Tells every watcher what the ledger commits. Controller's thread.
class WatchHub {
 public:
  /// Two ticks bound the silence of a feed: 2 s are promised.
  static constexpr base::Duration kTick = base::Duration(750);

  /// Both must outlive the hub; the ledger may go on after it.
  WatchHub(base::Executor& executor, model::Ledger& ledger);
  ~WatchHub();

  /// A feed of all that matches, which is told everything as long as somebody holds it. Error:
  /// INVALID_ARGUMENT (no such kind).
  absl::StatusOr<std::shared_ptr<WatchFeed>> subscribe(const api::WatchRequest& request,
                                                       std::function<void()> wake);

  std::size_t watchers() const { return feeds_.size(); }

 private:
  void onCommit(std::span<const model::Change> changes);
  void tick();
  std::vector<std::shared_ptr<WatchFeed>> live();

  base::Executor& executor_;
  model::Ledger& ledger_;
  std::vector<std::weak_ptr<WatchFeed>> feeds_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gantry::server
