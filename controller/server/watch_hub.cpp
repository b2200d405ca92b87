// SPDX-License-Identifier: Apache-2.0
#include "controller/server/watch_hub.h"

#include "base/status.h"

namespace gantry::server {

WatchHub::WatchHub(base::Executor& executor, model::Ledger& ledger)
    : executor_(executor), ledger_(ledger) {
  ledger_.observe([this, alive = alive_](std::span<const model::Change> changes) {
    if (*alive) onCommit(changes);
  });
  executor_.post([this, alive = alive_] {
    if (*alive) tick();
  });
}

WatchHub::~WatchHub() {
  *alive_ = false;
}

absl::StatusOr<std::shared_ptr<WatchFeed>> WatchHub::subscribe(const api::WatchRequest& request,
                                                               std::function<void()> wake) {
  GANTRY_ASSIGN_OR_RETURN(
      ObjectFilter filter,
      ObjectFilter::make({request.kinds().begin(), request.kinds().end()}, request.namespace_()));
  auto feed = std::make_shared<WatchFeed>(executor_, std::move(filter), std::move(wake));
  feed->restart(ledger_.state());
  feeds_.push_back(feed);
  return feed;
}

void WatchHub::onCommit(std::span<const model::Change> changes) {
  for (const auto& feed : live()) {
    if (!feed->push(changes, ledger_.state().revision)) feed->restart(ledger_.state());
  }
}

void WatchHub::tick() {
  for (const auto& feed : live()) feed->tick();
  executor_.postAfter(kTick, [this, alive = alive_] {
    if (*alive) tick();
  });
}

std::vector<std::shared_ptr<WatchFeed>> WatchHub::live() {
  std::vector<std::shared_ptr<WatchFeed>> found;
  std::erase_if(feeds_, [&found](const std::weak_ptr<WatchFeed>& each) {
    auto feed = each.lock();
    if (feed) found.push_back(std::move(feed));
    return each.expired();
  });
  return found;
}

}  // namespace gantry::server
