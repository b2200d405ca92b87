// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/pods/observe.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gantry::agent {
namespace {

/// Whether the agent knows better than a look that began at `stamp`.
bool knowsBetter(const PodRecord& record, const std::string& key, std::uint64_t stamp) {
  if (record.busy.contains(key)) return true;
  const auto touched = record.touched.find(key);
  return touched != record.touched.end() && touched->second > stamp;
}

void sortNewestFirst(PodRecord& record) {
  std::sort(record.sandboxes.begin(), record.sandboxes.end(), [](const auto& a, const auto& b) {
    return std::tie(a.attempt, a.createdAt, a.id) > std::tie(b.attempt, b.createdAt, b.id);
  });
  std::sort(record.containers.begin(), record.containers.end(), [](const auto& a, const auto& b) {
    return std::tie(a.attempt, a.createdAt, a.id) > std::tie(b.attempt, b.createdAt, b.id);
  });
}

const schema::ContainerStatus* lastStatus(const schema::PodStatus& status,
                                          const std::string& name) {
  for (const schema::ContainerStatus& each : status.container_statuses()) {
    if (each.name() == name) return &each;
  }
  for (const schema::ContainerStatus& each : status.init_container_statuses()) {
    if (each.name() == name) return &each;
  }
  return nullptr;
}

void noticeBegin(const PodRecord& pod, const schema::Container& container,
                 const SeenContainer& seen, ContainerRecord& record, base::Instant now,
                 base::Timestamp wallNow) {
  std::optional<ContainerProbes::Known> known;
  const schema::ContainerStatus* status = lastStatus(pod.pod.status(), container.name());
  if (status != nullptr && status->container_id() == seen.id && status->state().has_running()) {
    known = ContainerProbes::Known{.started = status->started(), .ready = status->ready()};
  }
  const base::Duration age = std::max(base::Duration(0), wallNow - seen.startedAt);
  record.probes.emplace(container, now - age, known);
  record.runningId = seen.id;
  record.kill.reset();
  record.trouble.reset();
  record.troubleBackoff.reset();
}

void noticeContainer(PodRecord& pod, const schema::Container& container, base::Instant now,
                     base::Timestamp wallNow) {
  ContainerRecord& record = pod.byName[container.name()];
  const SeenContainer* newest = newestContainer(pod, container.name());
  if (newest != nullptr) {
    record.highestAttempt = std::max(record.highestAttempt, static_cast<int>(newest->attempt));
  } else if (const auto* status = lastStatus(pod.pod.status(), container.name());
             status != nullptr && !status->container_id().empty()) {
    // The runtime has forgotten it; its number must not be used again.
    record.highestAttempt = std::max(record.highestAttempt, status->restart_count());
  }
  const bool runs = newest != nullptr && newest->phase == ContainerPhase::kRunning;
  if (runs) {
    if (record.runningId != newest->id) {
      noticeBegin(pod, container, *newest, record, now, wallNow);
    }
    return;
  }
  const bool ended = newest != nullptr && newest->phase == ContainerPhase::kExited;
  const bool vanished = newest == nullptr && !record.runningId.empty();
  if (vanished || (ended && record.endedId != newest->id)) record.restarts.ended(now);
  if (ended) record.endedId = newest->id;
  if (ended || vanished) {
    record.runningId.clear();
    record.probes.reset();
    record.kill.reset();
  }
}

}  // namespace

bool observe(PodRecord& record, RuntimeState seen, std::uint64_t stamp) {
  const std::size_t cleared = std::erase_if(
      record.unsure, [&](const std::string& key) { return !knowsBetter(record, key, stamp); });
  // Sandboxes and the containers in them change together.
  if (record.busy.contains(kSandboxKey)) return cleared > 0;
  const std::vector<SeenSandbox> sandboxesBefore = record.sandboxes;
  const std::vector<SeenContainer> containersBefore = record.containers;
  if (!knowsBetter(record, kSandboxKey, stamp)) {
    record.sandboxes = std::move(seen.sandboxes);
    std::erase_if(record.stoppedSandboxes, [&](const std::string& id) {
      return std::none_of(record.sandboxes.begin(), record.sandboxes.end(),
                          [&](const SeenSandbox& each) { return each.id == id; });
    });
  }
  std::erase_if(record.containers,
                [&](const SeenContainer& each) { return !knowsBetter(record, each.name, stamp); });
  for (SeenContainer& each : seen.containers) {
    // A container of a sandbox that has been removed since is gone with it.
    const bool homeless =
        std::none_of(record.sandboxes.begin(), record.sandboxes.end(),
                     [&](const SeenSandbox& home) { return home.id == each.sandboxId; });
    if (homeless && knowsBetter(record, kSandboxKey, stamp)) continue;
    if (!knowsBetter(record, each.name, stamp)) record.containers.push_back(std::move(each));
  }
  sortNewestFirst(record);
  return cleared > 0 || record.sandboxes != sandboxesBefore ||
         record.containers != containersBefore;
}

void notice(PodRecord& record, base::Instant now, base::Timestamp wallNow) {
  for (const schema::Container& each : record.pod.spec().init_containers()) {
    noticeContainer(record, each, now, wallNow);
  }
  for (const schema::Container& each : record.pod.spec().containers()) {
    noticeContainer(record, each, now, wallNow);
  }
}

}  // namespace gantry::agent
