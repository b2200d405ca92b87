// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/notify_loop.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/status.h"
#include "controller/api/system_names.h"

namespace gantry::loops {

NotifyLoop::NotifyLoop(LoopContext context, notify::Sender& sender, Outbox& outbox, Options options)
    : context_(context),
      sender_(sender),
      outbox_(outbox),
      options_(std::move(options)),
      alive_(std::make_shared<bool>(true)) {}

NotifyLoop::~NotifyLoop() {
  *alive_ = false;
}

void NotifyLoop::start() {
  watcher_.start(context_.state());
  for (const auto& [number, waiting] : outbox_.all()) {
    const Key key = {waiting.notice.project, waiting.notification};
    queues_.try_emplace(key, options_).first->second.waiting.push_back(number);
  }
  for (const auto& [key, queue] : queues_) pumpSoon(key);
  context_.ledger.observe([this, alive = alive_](std::span<const model::Change> changes) {
    if (*alive) observe(changes);
  });
}

void NotifyLoop::observe(std::span<const model::Change> changes) {
  for (const notify::Notice& notice :
       watcher_.observe(changes, context_.state(), context_.executor.wallNow())) {
    const schema::Project* project =
        context_.state().projects.find({api::kSystemNamespace, notice.project});
    if (project == nullptr) continue;
    for (const schema::Notification& each : project->spec().notifications()) {
      if (notify::isWanted(each, notice)) enqueue({notice.project, each.name()}, notice);
    }
  }
}

void NotifyLoop::enqueue(const Key& key, const notify::Notice& notice) {
  Queue& queue = queues_.try_emplace(key, options_).first->second;
  queue.waiting.push_back(outbox_.put({key.second, base::newUid(context_.executor), notice}));
  if (queue.waiting.size() > kLongestQueue) {
    // What is on its way stays.
    const auto oldest = queue.waiting.begin() + static_cast<std::ptrdiff_t>(queue.sending);
    tellLost(key, *oldest, "too many wait to be sent");
    outbox_.erase(*oldest);
    queue.waiting.erase(oldest);
  }
  // Observers must not do more than that; sending may fail at once.
  pumpSoon(key);
}

const schema::Notification* NotifyLoop::find(const Key& key) const {
  const schema::Project* project =
      context_.state().projects.find({api::kSystemNamespace, key.first});
  if (project == nullptr) return nullptr;
  for (const schema::Notification& each : project->spec().notifications()) {
    if (each.name() == key.second) return &each;
  }
  return nullptr;
}

void NotifyLoop::pumpSoon(const Key& key) {
  context_.executor.post([this, alive = alive_, key] {
    if (*alive) pump(key);
  });
}

void NotifyLoop::pump(const Key& key) {
  const auto queue = queues_.find(key);
  if (queue == queues_.end() || queue->second.busy) return;
  queue->second.busy = true;
  sendFirst(key);
}

void NotifyLoop::sendFirst(const Key& key) {
  Queue& queue = queues_.at(key);
  const schema::Notification* notification = find(key);
  // Nobody wants to be told any more.
  if (notification == nullptr) return pop(key, queue.waiting.size());
  dropOld(key, queue);
  if (queue.waiting.empty()) return pop(key, 0);
  ++queue.tries;
  const bool areMany = queue.waiting.size() > kMostSingle;
  queue.sending = areMany && notify::canBeGathered(*notification) ? queue.waiting.size() : 1;
  auto message = messageOf(*notification, queue);
  if (!message.ok()) return sent(key, {message.status()});
  if (!message->has_value()) return pop(key, queue.sending);
  sender_.send(**std::move(message), [this, alive = alive_, key](const notify::SendResult& result) {
    if (*alive) sent(key, result);
  });
}

absl::StatusOr<std::optional<notify::Outgoing>> NotifyLoop::messageOf(
    const schema::Notification& notification, const Queue& queue) const {
  const notify::SecretValue secret = notify::secretsOf(context_.state());
  const notify::Waiting& first = outbox_.all().at(queue.waiting.front());
  if (queue.sending == 1) {
    return notify::messageFor(notification, first.notice, first.id, options_.externalUrl, secret);
  }
  std::vector<notify::Notice> notices;
  for (const Outbox::Number number : queue.waiting) {
    notices.push_back(outbox_.all().at(number).notice);
  }
  return notify::gatheredMessage(notification, notices, first.id, options_.externalUrl, secret);
}

void NotifyLoop::sent(const Key& key, const notify::SendResult& result) {
  const Queue& queue = queues_.at(key);
  const bool mayFailAgain = absl::IsInternal(result.status) && queue.tries < kMostTries;
  if (base::isRetryable(result.status) || mayFailAgain) return tryLater(key, result);
  if (!result.status.ok()) {
    for (std::size_t i = 0; i < queue.sending; ++i) {
      tellLost(key, queue.waiting[i], std::string(result.status.message()));
    }
  }
  pop(key, queue.sending);
}

void NotifyLoop::tryLater(const Key& key, const notify::SendResult& result) {
  Queue& queue = queues_.at(key);
  queue.sending = 0;
  if (queue.tries == kMostTries) {
    tell("NotificationDelayed", outbox_.all().at(queue.waiting.front()),
         absl::StrCat("is late and tried again: ", result.status.message()));
  }
  const base::Duration own = base::jitter(context_.executor, queue.backoff.next(), 0.2);
  const base::Duration asked = std::min(result.retryAfter, kLongestRetryAfter);
  context_.executor.postAfter(std::max(own, asked), [this, alive = alive_, key] {
    if (*alive) sendFirst(key);
  });
}

void NotifyLoop::pop(const Key& key, std::size_t count) {
  const auto found = queues_.find(key);
  Queue& queue = found->second;
  for (; count > 0; --count) {
    outbox_.erase(queue.waiting.front());
    queue.waiting.pop_front();
  }
  if (queue.waiting.empty()) {
    queues_.erase(found);
    return;
  }
  queue.busy = false;
  queue.sending = 0;
  queue.tries = 0;
  queue.backoff.reset();
  pumpSoon(key);
}

void NotifyLoop::dropOld(const Key& key, Queue& queue) {
  const base::Timestamp oldest = context_.executor.wallNow() - kLongestWait;
  while (!queue.waiting.empty() && outbox_.all().at(queue.waiting.front()).notice.at < oldest) {
    tellLost(key, queue.waiting.front(), "it waited for more than a day");
    outbox_.erase(queue.waiting.front());
    queue.waiting.pop_front();
    queue.tries = 0;
  }
}

void NotifyLoop::tell(const std::string& reason, const notify::Waiting& waiting,
                      const std::string& message) {
  const schema::Application* application =
      context_.state().applications.find(waiting.notice.application);
  if (application == nullptr) return;
  Remark remark = remarkAbout(*application, "notifications");
  remark.isWarning = true;
  remark.reason = reason;
  remark.message = absl::StrCat("notification ", waiting.notification, " of ", waiting.notice.event,
                                " ", message);
  context_.events.record(std::move(remark));
}

void NotifyLoop::tellLost(const Key& key, Outbox::Number number, const std::string& why) {
  const notify::Waiting& lost = outbox_.all().at(number);
  tell("NotificationFailed", lost, absl::StrCat("was not sent: ", why));
  base::logWarning(absl::StrCat("notification ", key.first, "/", key.second, " of ",
                                lost.notice.event, " of ", lost.notice.application.name,
                                " was not sent: ", why));
}

}  // namespace gantry::loops
