// SPDX-License-Identifier: Apache-2.0
#include "controller/nodes/pod_report.h"

#include "manifests/resource.h"

namespace gantry::nodes {
namespace {

model::PodPhase later(model::PodPhase before, model::PodPhase reported) {
  return before >= model::PodPhase::kSucceeded ? before : std::max(before, reported);
}

}  // namespace

std::optional<model::Pod> withReport(const model::Pod& pod, const api::ObservedPod& report) {
  auto status = std::make_shared<schema::PodStatus>(report.status());
  if (model::findCondition(*status, "PodScheduled") == nullptr) {
    const schema::Condition* scheduled = model::findCondition(*pod.status, "PodScheduled");
    if (scheduled != nullptr) *status->add_conditions() = *scheduled;
  }
  const model::PodPhase phase = later(pod.phase, model::phaseFromName(report.status().phase()));
  status->set_phase(model::phaseName(phase));
  if (phase == pod.phase && manifests::sameContent(*status, *pod.status)) return std::nullopt;
  model::Pod updated = pod;
  updated.phase = phase;
  updated.status = std::move(status);
  updated.reportSequence = report.sequence();
  return updated;
}

std::optional<model::Pod> withoutReadiness(const model::Pod& pod, const std::string& reason,
                                           const std::string& message, base::Timestamp now) {
  auto status = std::make_shared<schema::PodStatus>(*pod.status);
  bool changed = false;
  for (schema::Condition& condition : *status->mutable_conditions()) {
    const bool isReadiness = condition.type() == "Ready" || condition.type() == "ContainersReady";
    if (!isReadiness || condition.status() != "True") continue;
    condition.set_status("False");
    condition.set_reason(reason);
    condition.set_message(message);
    condition.mutable_last_transition_time()->set_unix_ms(base::toUnixMs(now));
    changed = true;
  }
  if (!changed) return std::nullopt;
  model::Pod updated = pod;
  updated.status = std::move(status);
  return updated;
}

}  // namespace gantry::nodes
