// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "base/backoff.h"
#include "controller/loops/loop_context.h"
#include "controller/loops/outbox.h"
#include "controller/notify/outgoing.h"
#include "controller/notify/target.h"
#include "controller/notify/watcher.h"

namespace gantry::loops {

/// Tells those whom Projects name of what happens to Applications. Each of them has a queue, in
/// order, from which one message at a time is sent: who does not answer keeps nobody waiting but
/// himself, and delivery never. What waits is in the outbox, so that a restart goes on with it.
/// Controller's thread.
class NotifyLoop {
 public:
  /// How often a receiver may answer that it fails before the message is given up. One that is busy
  /// or away is asked until the message is too old, and people hear of it after so many tries.
  static constexpr int kMostTries = 6;
  /// How many wait for one who is told, and for how long; beyond that, the oldest go.
  static constexpr std::size_t kLongestQueue = 2'000;
  static constexpr base::Duration kLongestWait = std::chrono::hours(24);
  /// Where more wait than that, a person gets one message about all of them.
  static constexpr std::size_t kMostSingle = 10;
  /// The longest that a receiver's wish to be left alone is granted.
  static constexpr base::Duration kLongestRetryAfter = std::chrono::hours(1);

  struct Options {
    /// What links begin with, without a slash at its end; empty: there are none.
    std::string externalUrl;
    /// Between tries, doubling.
    base::Duration firstDelay = base::Duration(2'000);
    base::Duration longestDelay = base::Duration(120'000);
  };

  /// `sender` and `outbox` must outlive this.
  NotifyLoop(LoopContext context, notify::Sender& sender, Outbox& outbox, Options options);
  ~NotifyLoop();

  void start();

 private:
  /// Project and name of a Notification.
  using Key = std::pair<std::string, std::string>;
  struct Queue {
    explicit Queue(const Options& options) : backoff(options.firstDelay, options.longestDelay) {}
    std::deque<Outbox::Number> waiting;
    /// Some are being sent, or wait to be tried again.
    bool busy = false;
    /// How many of the first are being sent at this moment, as one message.
    std::size_t sending = 0;
    /// Of the first.
    int tries = 0;
    base::Backoff backoff;
  };

  void observe(std::span<const model::Change> changes);
  void enqueue(const Key& key, const notify::Notice& notice);
  const schema::Notification* find(const Key& key) const;
  /// Sends the first of the queue, unless that is under way.
  void pump(const Key& key);
  void pumpSoon(const Key& key);
  void sendFirst(const Key& key);
  absl::StatusOr<std::optional<notify::Outgoing>> messageOf(
      const schema::Notification& notification, const Queue& queue) const;
  void sent(const Key& key, const notify::SendResult& result);
  void tryLater(const Key& key, const notify::SendResult& result);
  /// Removes the first `count`, and goes on with the next.
  void pop(const Key& key, std::size_t count);
  void dropOld(const Key& key, Queue& queue);
  void tell(const std::string& reason, const notify::Waiting& waiting, const std::string& message);
  void tellLost(const Key& key, Outbox::Number number, const std::string& why);

  LoopContext context_;
  notify::Sender& sender_;
  Outbox& outbox_;
  Options options_;
  notify::Watcher watcher_;
  std::map<Key, Queue> queues_;
  std::shared_ptr<bool> alive_;
};

}  // namespace gantry::loops
