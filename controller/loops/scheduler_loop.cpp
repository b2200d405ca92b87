// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/scheduler_loop.h"

#include "absl/strings/str_cat.h"

namespace gantry::loops {
namespace {

using base::Duration;
using model::Name;
using model::Pod;

constexpr char kScheduled[] = "PodScheduled";
// Pods a commit: enough to make its cost small per pod, few enough to let others have their turn.
constexpr int kMostBoundAtOnce = 256;
// Changes come in bursts; the pods that fit nowhere are tried once for all of them.
constexpr Duration kUnblockDelay(100);
// The free amounts in an explanation change all the time; nobody reads faster.
constexpr Duration kExplainInterval(10'000);

bool needsNode(const Pod& pod) {
  return pod.nodeName.empty() && model::isActive(pod);
}

bool holdsNode(const Pod& pod) {
  return !pod.nodeName.empty() && pod.phase < model::PodPhase::kSucceeded;
}

std::string groupKey(const Pod& pod) {
  return pod.ownerUid.empty() ? pod.uid : pod.ownerUid;
}

schema::PodStatus withScheduled(const schema::PodStatus& before, bool scheduled,
                                const std::string& message, base::Timestamp now) {
  schema::PodStatus status = before;
  schema::Condition* condition = nullptr;
  for (schema::Condition& one : *status.mutable_conditions()) {
    if (one.type() == kScheduled) condition = &one;
  }
  if (condition == nullptr) condition = status.add_conditions();
  const char* value = scheduled ? "True" : "False";
  if (condition->status() != value) {
    condition->mutable_last_transition_time()->set_unix_ms(base::toUnixMs(now));
  }
  condition->set_type(kScheduled);
  condition->set_status(value);
  condition->set_reason(scheduled ? "Scheduled" : "Unschedulable");
  condition->set_message(message);
  condition->mutable_last_update_time()->set_unix_ms(base::toUnixMs(now));
  return status;
}

}  // namespace

SchedulerLoop::SchedulerLoop(LoopContext context)
    : context_(context),
      step_(context.executor, [this] { step(); }),
      unblock_(context.executor, [this] { unblock(); }) {
  context_.ledger.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void SchedulerLoop::start() {
  for (const auto& [name, entry] : context_.state().nodes.entries()) view_.putNode(*entry.object);
  for (const auto& [name, entry] : context_.state().pods.entries()) {
    followPod(name, *entry.object, false);
  }
}

void SchedulerLoop::follow(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    if (const auto* node = change.as<schema::Node>()) {
      if (change.erased) {
        view_.removeNode(change.name.name);
      } else {
        view_.putNode(*node);
      }
      unblock_.ringAfter(kUnblockDelay);
    } else if (const auto* pod = change.as<Pod>()) {
      followPod(change.name, *pod, change.erased);
    }
  }
}

void SchedulerLoop::followPod(const Name& name, const Pod& pod, bool erased) {
  const auto known = counted_.find(name);
  const bool replaced = known != counted_.end() && known->second != pod.uid;
  if (erased || replaced || !holdsNode(pod)) uncount(name);
  if (!erased && holdsNode(pod)) count(pod);
  if (erased || !needsNode(pod)) {
    forget(name);
  } else if (!groupOf_.contains(name)) {
    const std::string key = groupKey(pod);
    groupOf_[name] = key;
    waiting_[key].pods.insert(name);
    step_.ringSoon();
  }
}

void SchedulerLoop::count(const Pod& pod) {
  if (!counted_.emplace(Name{pod.ns, pod.name}, pod.uid).second) return;
  view_.addPod(pod.uid, pod.nodeName, scheduler::requestsOf(pod.shape->spec()), groupKey(pod));
}

void SchedulerLoop::uncount(const Name& name) {
  const auto known = counted_.extract(name);
  if (known.empty()) return;
  view_.removePod(known.mapped());
  unblock_.ringAfter(kUnblockDelay);
}

void SchedulerLoop::forget(const Name& name) {
  const auto key = groupOf_.extract(name);
  if (key.empty()) return;
  const auto group = waiting_.find(key.mapped());
  group->second.pods.erase(name);
  if (group->second.pods.empty()) waiting_.erase(group);
}

void SchedulerLoop::unblock() {
  for (auto& [key, group] : waiting_) group.blocked = false;
  if (!waiting_.empty()) step_.ringSoon();
}

void SchedulerLoop::step() {
  bound_.clear();
  remarks_.clear();
  model::Transaction transaction(context_.state());
  int left = kMostBoundAtOnce;
  for (auto& [key, group] : waiting_) {
    if (!group.blocked) left -= scheduleGroup(key, group, left, transaction);
    if (left <= 0) {
      step_.ringSoon();
      break;
    }
  }
  finish(context_.ledger.commit(std::move(transaction)));
}

int SchedulerLoop::scheduleGroup(const std::string& key, Group& group, int most,
                                 model::Transaction& transaction) {
  int written = 0;
  std::string why;
  for (const Name& name : group.pods) {
    if (written >= most) return written;
    const model::Ptr<Pod> pod = context_.state().pods.share(name);
    if (counted_.contains(name)) continue;
    if (!group.blocked) {
      const scheduler::Placement placement = scheduler::place(view_, pod->shape->spec(), key);
      if (!placement.node.empty()) {
        bind(*pod, placement, transaction);
        ++written;
        continue;
      }
      group.blocked = true;
      why = placement.explanation;
    }
    written += explain(*pod, why, transaction);
  }
  return written;
}

void SchedulerLoop::bind(const Pod& pod, const scheduler::Placement& placement,
                         model::Transaction& transaction) {
  Pod bound = pod;
  bound.nodeName = placement.node;
  bound.status = std::make_shared<const schema::PodStatus>(
      withScheduled(*pod.status, true, placement.explanation, context_.executor.wallNow()));
  // Counted at once, so that the next pod of this step sees it.
  count(bound);
  bound_.push_back({pod.ns, pod.name});
  Remark said = remarkAbout(pod, source::kScheduler);
  said.reason = "Scheduled";
  said.message = absl::StrCat("assigned to ", placement.node, ": ", placement.explanation);
  remarks_.push_back(std::move(said));
  transaction.put(std::move(bound));
}

bool SchedulerLoop::explain(const Pod& pod, const std::string& why,
                            model::Transaction& transaction) {
  const base::Timestamp now = context_.executor.wallNow();
  if (const schema::Condition* said = model::findCondition(*pod.status, kScheduled)) {
    if (said->message() == why) return false;
    const auto saidAt = base::fromUnixMs(said->last_update_time().unix_ms());
    if (saidAt + kExplainInterval > now) {
      unblock_.ringAfter(saidAt + kExplainInterval - now);
      return false;
    }
  }
  Pod waiting = pod;
  waiting.status =
      std::make_shared<const schema::PodStatus>(withScheduled(*pod.status, false, why, now));
  Remark said = remarkAbout(pod, source::kScheduler);
  said.isWarning = true;
  said.reason = "FailedScheduling";
  said.message = why;
  remarks_.push_back(std::move(said));
  transaction.put(std::move(waiting));
  return true;
}

void SchedulerLoop::finish(const absl::Status& committed) {
  if (committed.ok()) {
    for (Remark& said : remarks_) context_.events.record(std::move(said));
  } else {
    for (const Name& name : bound_) uncount(name);
    step_.ringAfter(absl::IsAborted(committed) ? Duration(1) : kRetryDelay);
    for (auto& [key, group] : waiting_) group.blocked = false;
  }
}

}  // namespace gantry::loops
