// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "base/backoff.h"
#include "controller/loops/loop_context.h"
#include "controller/notify/outgoing.h"
#include "controller/notify/target.h"
#include "controller/notify/watcher.h"

namespace gantry::loops {

/// Tells those whom Projects name of what happens to Applications. Each of them has a queue, in
/// order, from which one message at a time is sent: who does not answer keeps nobody waiting but
/// himself, and delivery never. Queues are in memory: a restart loses what is in them and tells
/// nothing twice. Controller's thread.
class NotifyLoop {
 public:
  /// How often a message is sent at most, and how many wait for one who is told; beyond that, the
  /// oldest go.
  static constexpr int kMostTries = 6;
  static constexpr std::size_t kLongestQueue = 100;

  struct Options {
    /// What links begin with, without a slash at its end; empty: there are none.
    std::string externalUrl;
    /// Between tries, doubling.
    base::Duration firstDelay = base::Duration(2'000);
    base::Duration longestDelay = base::Duration(120'000);
  };

  /// `sender` must outlive this.
  NotifyLoop(LoopContext context, notify::Sender& sender, Options options);
  ~NotifyLoop();

  void start();

 private:
  /// Project and name of a Notification.
  using Key = std::pair<std::string, std::string>;
  struct Job {
    notify::Notice notice;
    std::string id;
    int tries = 0;
  };
  struct Queue {
    explicit Queue(const Options& options) : backoff(options.firstDelay, options.longestDelay) {}
    std::deque<Job> jobs;
    /// The first is being sent, or waits to be tried again.
    bool busy = false;
    base::Backoff backoff;
  };

  void observe(std::span<const model::Change> changes);
  void enqueue(const Key& key, const notify::Notice& notice);
  const schema::Notification* find(const Key& key) const;
  /// Sends the first of the queue, unless that is under way.
  void pump(const Key& key);
  void sendFirst(const Key& key);
  void sent(const Key& key, const absl::Status& result);
  void pop(const Key& key);
  void tellLost(const Key& key, const Job& job, const std::string& why);

  LoopContext context_;
  notify::Sender& sender_;
  Options options_;
  notify::Watcher watcher_;
  std::map<Key, Queue> queues_;
  std::shared_ptr<bool> alive_;
};

}  // namespace gantry::loops
