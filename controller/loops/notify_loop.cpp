// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/notify_loop.h"

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status.h"
#include "controller/api/system_names.h"

namespace gantry::loops {

NotifyLoop::NotifyLoop(LoopContext context, notify::Sender& sender, Options options)
    : context_(context),
      sender_(sender),
      options_(std::move(options)),
      alive_(std::make_shared<bool>(true)) {}

NotifyLoop::~NotifyLoop() {
  *alive_ = false;
}

void NotifyLoop::start() {
  watcher_.start(context_.state());
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
  queue.jobs.push_back({notice, base::newUid(context_.executor)});
  if (queue.jobs.size() > kLongestQueue) {
    // The first is on its way.
    const auto oldest = queue.jobs.begin() + (queue.busy ? 1 : 0);
    tellLost(key, *oldest, "too many wait to be sent");
    queue.jobs.erase(oldest);
  }
  // Observers must not do more than that; sending may fail at once.
  context_.executor.post([this, alive = alive_, key] {
    if (*alive) pump(key);
  });
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

void NotifyLoop::pump(const Key& key) {
  const auto queue = queues_.find(key);
  if (queue == queues_.end() || queue->second.busy) return;
  queue->second.busy = true;
  sendFirst(key);
}

void NotifyLoop::sendFirst(const Key& key) {
  Job& job = queues_.at(key).jobs.front();
  const schema::Notification* notification = find(key);
  // Nobody wants to be told any more.
  if (notification == nullptr) return pop(key);
  ++job.tries;
  auto message = notify::messageFor(*notification, job.notice, job.id, options_.externalUrl,
                                    notify::secretsOf(context_.state()));
  if (!message.ok()) return sent(key, message.status());
  if (!message->has_value()) return pop(key);
  sender_.send(**std::move(message), [this, alive = alive_, key](const absl::Status& result) {
    if (*alive) sent(key, result);
  });
}

void NotifyLoop::sent(const Key& key, const absl::Status& result) {
  Queue& queue = queues_.at(key);
  Job& job = queue.jobs.front();
  if (base::isRetryable(result) && job.tries < kMostTries) {
    const base::Duration delay = base::jitter(context_.executor, queue.backoff.next(), 0.2);
    context_.executor.postAfter(delay, [this, alive = alive_, key] {
      if (*alive) sendFirst(key);
    });
    return;
  }
  if (!result.ok()) tellLost(key, job, std::string(result.message()));
  pop(key);
}

void NotifyLoop::pop(const Key& key) {
  const auto queue = queues_.find(key);
  queue->second.jobs.pop_front();
  queue->second.busy = false;
  queue->second.backoff.reset();
  if (queue->second.jobs.empty()) {
    queues_.erase(queue);
    return;
  }
  context_.executor.post([this, alive = alive_, key] {
    if (*alive) pump(key);
  });
}

void NotifyLoop::tellLost(const Key& key, const Job& job, const std::string& why) {
  const schema::Application* application =
      context_.state().applications.find(job.notice.application);
  if (application == nullptr) return;
  Remark remark = remarkAbout(*application, "notifications");
  remark.isWarning = true;
  remark.reason = "NotificationFailed";
  remark.message =
      absl::StrCat("notification ", key.second, " of ", job.notice.event, " was not sent: ", why);
  context_.events.record(std::move(remark));
}

}  // namespace gantry::loops
