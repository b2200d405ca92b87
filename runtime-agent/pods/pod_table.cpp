// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/pods/pod_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime-agent/pods/observe.h"
#include "runtime-agent/pods/planner.h"
#include "runtime-agent/pods/pod_status.h"

namespace gantry::agent {
namespace {

// Between two looks that events hurry, so that a burst of them costs one.
constexpr base::Duration kHurriedLook = base::Duration(20);

void keepEarliest(std::optional<base::Instant>& when, std::optional<base::Instant> other) {
  if (other) when = when ? std::min(*when, *other) : other;
}

bool isTerminal(const schema::PodStatus& status) {
  return status.phase() == "Succeeded" || status.phase() == "Failed";
}

/// Containers that wait for a restart now and did not before.
std::vector<std::string> newlyBackingOff(const schema::PodStatus& before,
                                         const schema::PodStatus& after) {
  std::vector<std::string> names;
  const auto backsOff = [](const schema::ContainerStatus& status) {
    return status.state().waiting().reason() == "CrashLoopBackOff";
  };
  for (const schema::ContainerStatus& each : after.container_statuses()) {
    const bool already =
        std::any_of(before.container_statuses().begin(), before.container_statuses().end(),
                    [&](const auto& old) { return old.name() == each.name() && backsOff(old); });
    if (backsOff(each) && !already) names.push_back(each.name());
  }
  return names;
}

}  // namespace

PodTable::PodTable(base::Executor& executor, Runtime& runtime, PodRunner& runner,
                   const World& world, base::Duration relistInterval, Listener listener)
    : executor_(executor),
      runtime_(runtime),
      runner_(runner),
      world_(world),
      relistInterval_(relistInterval),
      listener_(std::move(listener)) {}

base::Executor::Task PodTable::guarded(std::function<void()> task) {
  return [alive = std::weak_ptr<int>(alive_), task = std::move(task)] {
    if (!alive.expired()) task();
  };
}

// ---------------------------------------------------------------------------- looking at the
// runtime

void PodTable::start() {
  beginLook();
}

void PodTable::look() {
  if (looking_) {
    lookAgain_ = true;
    return;
  }
  if (lookTimer_ != 0) executor_.cancel(lookTimer_);
  lookTimer_ = executor_.postAfter(kHurriedLook, guarded([this] { beginLook(); }));
}

void PodTable::beginLook() {
  if (lookTimer_ != 0) executor_.cancel(std::exchange(lookTimer_, 0));
  looking_ = true;
  lookAgain_ = false;
  runtime_.list([this, alive = std::weak_ptr<int>(alive_),
                 stamp = runner_.stamp()](absl::StatusOr<RuntimeState> state) {
    if (!alive.expired()) endLook(std::move(state), stamp);
  });
}

void PodTable::endLook(absl::StatusOr<RuntimeState> state, std::uint64_t stamp) {
  looking_ = false;
  const absl::Status status = state.status();
  if (state.ok()) {
    const bool first = !std::exchange(lookedOnce_, true);
    merge(*std::move(state), stamp);
    if (first) {
      for (const auto& [uid, pod] : pods_) touch(pod);
    }
  }
  listener_.looked(status);
  const bool hurried = lookAgain_ && status.ok();
  lookTimer_ = executor_.postAfter(hurried ? kHurriedLook : relistInterval_,
                                   guarded([this] { beginLook(); }));
}

void PodTable::merge(RuntimeState state, std::uint64_t stamp) {
  std::map<std::string, RuntimeState> byPod;
  for (SeenSandbox& each : state.sandboxes) {
    byPod[each.podUid].sandboxes.push_back(std::move(each));
  }
  for (SeenContainer& each : state.containers) {
    byPod[each.podUid].containers.push_back(std::move(each));
  }
  for (const auto& [uid, seen] : byPod) {
    if (pods_.contains(uid)) continue;
    // What is ours, but not known: stopped when the controller has said that it does not want it.
    auto record = std::make_shared<PodRecord>();
    record->pod.mutable_metadata()->set_uid(uid);
    if (!seen.sandboxes.empty()) {
      record->pod.mutable_metadata()->set_name(seen.sandboxes.front().podName);
      record->pod.mutable_metadata()->set_namespace_(seen.sandboxes.front().podNamespace);
    }
    record->stop = controllerSpoke_;
    pods_[uid] = std::move(record);
  }
  for (const auto& [uid, pod] : pods_) {
    if (observe(*pod, std::move(byPod[uid]), stamp)) touch(pod);
  }
}

// ------------------------------------------------------------------------------------ what is
// wanted

void PodTable::want(const Wanted& wanted, bool bySelf) {
  controllerSpoke_ = controllerSpoke_ || !bySelf;
  for (const auto& [uid, each] : wanted.pods()) {
    Ref& pod = pods_[uid];
    if (!pod) pod = std::make_shared<PodRecord>();
    schema::PodStatus status = each.pod().status();
    if (pod->wanted) status = std::move(*pod->pod.mutable_status());
    pod->pod = each.pod();
    *pod->pod.mutable_status() = std::move(status);
    pod->wanted = true;
    // A pod that was told to stop never comes back: it is another one then.
    pod->stop = each.stop() || (pod->stop && pod->gone);
    pod->sequence = std::max(pod->sequence, each.report_sequence());
    touch(pod);
  }
  std::vector<std::string> ended;
  for (const auto& [uid, pod] : pods_) {
    if (wanted.pods().contains(uid) || !controllerSpoke_) continue;
    pod->wanted = false;
    pod->stop = true;
    if (pod->gone) ended.push_back(uid);
    touch(pod);
  }
  for (const std::string& uid : ended) erase(uid);
}

void PodTable::sourcesChanged(Volumes& volumes) {
  for (const auto& [uid, pod] : pods_) {
    if (!pod->wanted || pod->stop) continue;
    for (auto& [name, memory] : pod->byName) {
      if (memory.trouble && memory.trouble->reason == "CreateContainerConfigError") {
        memory.trouble->retryAt = executor_.now();
      }
    }
    const auto mayChange = [](const schema::Volume& volume) {
      return volume.has_config_map() || volume.has_secret();
    };
    const auto& mounted = pod->pod.spec().volumes();
    if (!pod->sandboxes.empty() && std::any_of(mounted.begin(), mounted.end(), mayChange)) {
      // Where it fails, the files stay as they are: what runs goes on with them.
      volumes.prepare(pod->pod, world_.sources).IgnoreError();
    }
    touch(pod);
  }
}

// ------------------------------------------------------------------------------------------ the
// loop

void PodTable::touch(const Ref& pod) {
  if (!lookedOnce_) return;
  if (queue_.empty()) executor_.post(guarded([this] { drainQueue(); }));
  queue_.insert(pod->pod.metadata().uid());
}

void PodTable::drainQueue() {
  // What is marked meanwhile is another round.
  for (const std::string& uid : std::exchange(queue_, {})) {
    const auto found = pods_.find(uid);
    if (found != pods_.end()) work(Ref(found->second));
  }
}

void PodTable::work(const Ref& pod) {
  const base::Instant now = executor_.now();
  notice(*pod, now, executor_.wallNow());
  if (!pod->stop || !pod->sandboxes.empty()) runner_.probe(pod);
  const PodPlan plan = planPod(*pod, now);
  for (const Action& each : plan.actions) runner_.run(pod, each);
  updateStatus(*pod);

  std::optional<base::Instant> wake = plan.revisitAt;
  keepEarliest(wake, statusRevisit(*pod, now));
  for (const auto& [name, memory] : pod->byName) {
    if (memory.probes) keepEarliest(wake, memory.probes->nextDue());
  }
  const std::string uid = pod->pod.metadata().uid();
  wakeAt(uid, wake);
  if (pod->gone && !pod->wanted) erase(uid);
}

void PodTable::updateStatus(PodRecord& pod) {
  if (!pod.wanted) return;
  // What is left of a pod that was stopped and removed is how it ended.
  const bool removed = pod.stop && pod.sandboxes.empty() && isTerminal(pod.pod.status());
  bool changed = !pod.events.empty() || pod.gone;
  if (!removed) {
    schema::PodStatus status =
        buildStatus(pod, world_.node.address, executor_.now(), executor_.wallNow());
    for (const std::string& name : newlyBackingOff(pod.pod.status(), status)) {
      api::AgentEvent& event = pod.events.emplace_back();
      event.set_warning(true);
      event.set_reason("BackOff");
      event.set_message(absl::StrCat("Back-off restarting failed container ", name));
      event.set_time_ms(base::toUnixMs(executor_.wallNow()));
      changed = true;
    }
    changed = changed || status.SerializeAsString() != pod.pod.status().SerializeAsString();
    *pod.pod.mutable_status() = std::move(status);
  }
  if (changed) listener_.changed(pod);
}

void PodTable::wakeAt(const std::string& uid, std::optional<base::Instant> when) {
  const auto set = timers_.find(uid);
  if (set != timers_.end()) {
    if (when && set->second.first == *when) return;
    executor_.cancel(set->second.second);
    timers_.erase(set);
  }
  if (!when) return;
  const base::Executor::TimerId timer = executor_.postAt(*when, guarded([this, uid] {
    timers_.erase(uid);
    const auto found = pods_.find(uid);
    if (found != pods_.end()) {
      touch(found->second);
    }
  }));
  timers_[uid] = {*when, timer};
}

void PodTable::erase(const std::string& uid) {
  wakeAt(uid, std::nullopt);
  pods_.erase(uid);
}

}  // namespace gantry::agent
