// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/events.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/ids.h"

namespace gantry::loops {
namespace {

using base::Duration;
using model::Name;

// Long enough that a burst of decisions shares a commit, short for a person.
constexpr Duration kWriteDelay(100);
constexpr Duration kStoreRetryDelay(5'000);
constexpr Duration kSweepInterval(3'600'000);
constexpr Duration kMaxAge = std::chrono::hours(7 * 24);
constexpr std::size_t kMostOfObject = 50;
constexpr std::size_t kMostInAll = 10'000;
// While the store cannot be written.
constexpr std::size_t kMostWaiting = 1'000;

std::string objectKey(const std::string& kind, const Name& name, const std::string& uid) {
  return absl::StrCat(kind, "/", name.ns, "/", name.name, "/", uid);
}

std::string objectOf(const schema::Event& event) {
  return objectKey(event.object_kind(), {event.object_namespace(), event.object_name()},
                   event.object_uid());
}

Name nameFor(const Remark& remark) {
  const std::string identity =
      absl::StrJoin({remark.kind, remark.uid, std::string(remark.isWarning ? "W" : "N"),
                     remark.reason, remark.message, remark.source},
                    std::string(1, '\0'));
  return {remark.name.ns, absl::StrCat(remark.name.name, ".", base::shortHash(identity))};
}

Remark remarkAboutMeta(const char* kind, const schema::ObjectMeta& metadata, std::string source) {
  Remark remark;
  remark.kind = kind;
  remark.name = {metadata.namespace_(), metadata.name()};
  remark.uid = metadata.uid();
  remark.source = std::move(source);
  return remark;
}

}  // namespace

Remark remarkAbout(const model::Pod& pod, std::string source) {
  Remark remark;
  remark.kind = "Pod";
  remark.name = {pod.ns, pod.name};
  remark.uid = pod.uid;
  remark.source = std::move(source);
  return remark;
}
Remark remarkAbout(const schema::ReplicaSet& set, std::string source) {
  return remarkAboutMeta("ReplicaSet", set.metadata(), std::move(source));
}
Remark remarkAbout(const schema::Deployment& deployment, std::string source) {
  return remarkAboutMeta("Deployment", deployment.metadata(), std::move(source));
}
Remark remarkAbout(const schema::Job& job, std::string source) {
  return remarkAboutMeta("Job", job.metadata(), std::move(source));
}
Remark remarkAbout(const schema::Service& service, std::string source) {
  return remarkAboutMeta("Service", service.metadata(), std::move(source));
}
Remark remarkAbout(const schema::Node& node, std::string source) {
  return remarkAboutMeta("Node", node.metadata(), std::move(source));
}
Remark remarkAbout(const schema::Application& application, std::string source) {
  return remarkAboutMeta("Application", application.metadata(), std::move(source));
}

EventRecorder::EventRecorder(base::Executor& executor, model::Ledger& ledger)
    : executor_(executor),
      ledger_(ledger),
      write_(executor, [this] { flush(); }),
      sweep_(executor, [this] { flush(); }) {
  ledger_.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void EventRecorder::start() {
  for (const auto& [name, entry] : ledger_.state().events.entries()) note(name, *entry.object);
  sweep_.ringSoon();
}

void EventRecorder::record(Remark remark) {
  record(std::move(remark), executor_.wallNow());
}

void EventRecorder::record(Remark remark, base::Timestamp at) {
  const Name name = nameFor(remark);
  if (pending_.size() >= kMostWaiting && !pending_.contains(name)) return;
  Pending& pending =
      pending_.try_emplace(name, Pending{std::move(remark), 0, at, at}).first->second;
  ++pending.count;
  pending.last = std::max(pending.last, at);
  write_.ringAfter(kWriteDelay);
}

void EventRecorder::follow(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    const auto* event = change.as<schema::Event>();
    if (event == nullptr) continue;
    forget(change.name);
    if (!change.erased) note(change.name, *event);
  }
}

void EventRecorder::note(const Name& name, const schema::Event& event) {
  const Known known{base::fromUnixMs(event.last_timestamp().unix_ms()), objectOf(event)};
  if (!known_.emplace(name, known).second) return;
  byAge_.emplace(known.last, name);
  byObject_[known.object].emplace(known.last, name);
}

void EventRecorder::forget(const Name& name) {
  const auto found = known_.extract(name);
  if (found.empty()) return;
  const Known& known = found.mapped();
  byAge_.erase({known.last, name});
  const auto object = byObject_.find(known.object);
  object->second.erase({known.last, name});
  if (object->second.empty()) byObject_.erase(object);
}

void EventRecorder::flush() {
  sweep_.ringAfter(kSweepInterval);
  model::Transaction transaction(ledger_.state());
  dropSurplus(transaction);
  // After that, so that what is seen again stays.
  for (const auto& [name, pending] : pending_) transaction.put(merged(name, pending));
  const absl::Status committed = ledger_.commit(std::move(transaction));
  if (committed.ok()) {
    pending_.clear();
  } else {
    write_.ringAfter(absl::IsAborted(committed) ? kWriteDelay : kStoreRetryDelay);
  }
}

schema::Event EventRecorder::merged(const Name& name, const Pending& pending) const {
  const Remark& remark = pending.remark;
  schema::Event event;
  if (const schema::Event* before = ledger_.state().events.find(name)) {
    event = *before;
  } else {
    event.mutable_metadata()->set_name(name.name);
    event.mutable_metadata()->set_namespace_(name.ns);
    event.mutable_metadata()->mutable_creation_timestamp()->set_unix_ms(
        base::toUnixMs(pending.first));
    event.set_object_kind(remark.kind);
    event.set_object_namespace(remark.name.ns);
    event.set_object_name(remark.name.name);
    event.set_object_uid(remark.uid);
    event.set_type(remark.isWarning ? "Warning" : "Normal");
    event.set_reason(remark.reason);
    event.set_message(remark.message);
    event.set_source(remark.source);
    event.mutable_first_timestamp()->set_unix_ms(base::toUnixMs(pending.first));
  }
  event.set_count(event.count() + pending.count);
  event.mutable_last_timestamp()->set_unix_ms(
      std::max(event.last_timestamp().unix_ms(), base::toUnixMs(pending.last)));
  return event;
}

void EventRecorder::dropSurplus(model::Transaction& transaction) const {
  const auto dropOldest = [&](const ByAge& events, std::size_t most) {
    // What waits now is dropped with the next flush, if it is too much.
    std::size_t surplus = events.size() > most ? events.size() - most : 0;
    for (auto it = events.begin(); surplus > 0; ++it, --surplus) {
      transaction.erase<schema::Event>(it->second);
    }
  };
  const base::Timestamp oldest = executor_.wallNow() - kMaxAge;
  for (auto it = byAge_.begin(); it != byAge_.end() && it->first < oldest; ++it) {
    transaction.erase<schema::Event>(it->second);
  }
  dropOldest(byAge_, kMostInAll);
  std::set<std::string> objects;
  for (const auto& [name, pending] : pending_) {
    const Remark& remark = pending.remark;
    objects.insert(objectKey(remark.kind, remark.name, remark.uid));
  }
  for (const std::string& object : objects) {
    if (const auto found = byObject_.find(object); found != byObject_.end()) {
      dropOldest(found->second, kMostOfObject);
    }
  }
}

}  // namespace gantry::loops
