// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/pods/pod_record.h"

namespace gantry::agent {

const SeenSandbox* newestSandbox(const PodRecord& record) {
  return record.sandboxes.empty() ? nullptr : &record.sandboxes.front();
}

const SeenContainer* newestContainer(const PodRecord& record, const std::string& name,
                                     const std::string& sandboxId) {
  for (const SeenContainer& each : record.containers) {
    if (each.name == name && (sandboxId.empty() || each.sandboxId == sandboxId)) return &each;
  }
  return nullptr;
}

const schema::Container* findContainer(const schema::PodSpec& spec, const std::string& name) {
  for (const schema::Container& each : spec.containers()) {
    if (each.name() == name) return &each;
  }
  for (const schema::Container& each : spec.init_containers()) {
    if (each.name() == name) return &each;
  }
  return nullptr;
}

const ContainerRecord& recordOf(const PodRecord& record, const std::string& name) {
  static const ContainerRecord kNone;
  const auto found = record.byName.find(name);
  return found == record.byName.end() ? kNone : found->second;
}

base::Duration gracePeriod(const schema::Pod& pod) {
  constexpr std::int64_t kDefaultSeconds = 30;
  if (pod.metadata().has_deletion_grace_period_seconds()) {
    return std::chrono::seconds(pod.metadata().deletion_grace_period_seconds());
  }
  return std::chrono::seconds(pod.spec().has_termination_grace_period_seconds()
                                  ? pod.spec().termination_grace_period_seconds()
                                  : kDefaultSeconds);
}

bool restarts(const schema::PodSpec& spec, int exitCode) {
  if (spec.restart_policy() == "Never") return false;
  return spec.restart_policy() != "OnFailure" || exitCode != 0;
}

}  // namespace gantry::agent
