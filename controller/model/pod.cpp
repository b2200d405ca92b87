// SPDX-License-Identifier: Apache-2.0
#include "controller/model/pod.h"

#include "absl/strings/numbers.h"

namespace gantry::model {
namespace {

// Where a stored Pod keeps what Kubernetes has no field for.
constexpr char kDeletionReason[] = "gantry.dev/deletion-reason";
constexpr char kLeaving[] = "gantry.dev/leaving";
constexpr char kCounted[] = "gantry.dev/counted";
constexpr char kReportSequence[] = "gantry.dev/report-sequence";

std::string takeAnnotation(schema::ObjectMeta& metadata, const char* key) {
  auto& annotations = *metadata.mutable_annotations();
  const auto found = annotations.find(key);
  if (found == annotations.end()) return {};
  std::string value = found->second;
  annotations.erase(key);
  return value;
}

}  // namespace

const schema::Condition* findCondition(const schema::PodStatus& status, const std::string& type) {
  for (const schema::Condition& condition : status.conditions()) {
    if (condition.type() == type) return &condition;
  }
  return nullptr;
}

bool isReady(const Pod& pod) {
  const schema::Condition* ready = findCondition(*pod.status, "Ready");
  return isActive(pod) && ready != nullptr && ready->status() == "True";
}

bool isAvailable(const Pod& pod, base::Duration minReady, base::Timestamp now) {
  if (!isReady(pod)) return false;
  const schema::Condition& ready = *findCondition(*pod.status, "Ready");
  return base::fromUnixMs(ready.last_transition_time().unix_ms()) + minReady <= now;
}

schema::Pod toSchema(const Pod& pod) {
  schema::Pod result;
  schema::ObjectMeta& metadata = *result.mutable_metadata();
  metadata = pod.shape->metadata();
  metadata.set_name(pod.name);
  metadata.set_namespace_(pod.ns);
  metadata.set_uid(pod.uid);
  metadata.set_generation(1);
  metadata.mutable_creation_timestamp()->set_unix_ms(base::toUnixMs(pod.createdAt));
  metadata.set_deletion_grace_period_seconds(pod.gracePeriodSeconds);
  if (pod.deletedAt) {
    metadata.mutable_deletion_timestamp()->set_unix_ms(base::toUnixMs(*pod.deletedAt));
    (*metadata.mutable_annotations())[kDeletionReason] = pod.deletionReason;
  }
  if (pod.leaving) (*metadata.mutable_annotations())[kLeaving] = "true";
  if (pod.counted) (*metadata.mutable_annotations())[kCounted] = "true";
  if (pod.reportSequence != 0) {
    (*metadata.mutable_annotations())[kReportSequence] = std::to_string(pod.reportSequence);
  }
  if (!pod.ownerUid.empty()) {
    schema::OwnerReference& owner = *metadata.add_owner_references();
    owner.set_api_version(pod.ownerKind == "Job" ? "batch/v1" : "apps/v1");
    owner.set_kind(pod.ownerKind);
    owner.set_name(pod.ownerName);
    owner.set_uid(pod.ownerUid);
    owner.set_controller(true);
  }
  *result.mutable_spec() = pod.shape->spec();
  result.mutable_spec()->set_node_name(pod.nodeName);
  *result.mutable_status() = *pod.status;
  result.mutable_status()->set_phase(phaseName(pod.phase));
  return result;
}

Pod fromSchema(const schema::Pod& source) {
  Pod pod;
  pod.ns = source.metadata().namespace_();
  pod.name = source.metadata().name();
  pod.uid = source.metadata().uid();
  pod.createdAt = base::fromUnixMs(source.metadata().creation_timestamp().unix_ms());
  pod.gracePeriodSeconds = source.metadata().deletion_grace_period_seconds();
  if (source.metadata().has_deletion_timestamp()) {
    pod.deletedAt = base::fromUnixMs(source.metadata().deletion_timestamp().unix_ms());
  }
  for (const schema::OwnerReference& owner : source.metadata().owner_references()) {
    if (!owner.controller()) continue;
    pod.ownerKind = owner.kind();
    pod.ownerName = owner.name();
    pod.ownerUid = owner.uid();
  }
  auto shape = std::make_shared<schema::PodTemplateSpec>();
  *shape->mutable_metadata()->mutable_labels() = source.metadata().labels();
  *shape->mutable_metadata()->mutable_annotations() = source.metadata().annotations();
  pod.deletionReason = takeAnnotation(*shape->mutable_metadata(), kDeletionReason);
  pod.leaving = !takeAnnotation(*shape->mutable_metadata(), kLeaving).empty();
  pod.counted = !takeAnnotation(*shape->mutable_metadata(), kCounted).empty();
  // Anybody may write annotations in a manifest: what is no number is none.
  if (!absl::SimpleAtoi(takeAnnotation(*shape->mutable_metadata(), kReportSequence),
                        &pod.reportSequence)) {
    pod.reportSequence = 0;
  }
  *shape->mutable_spec() = source.spec();
  pod.nodeName = source.spec().node_name();
  shape->mutable_spec()->clear_node_name();
  pod.shape = std::move(shape);
  pod.phase = phaseFromName(source.status().phase());
  pod.status = std::make_shared<schema::PodStatus>(source.status());
  return pod;
}

const char* phaseName(PodPhase phase) {
  switch (phase) {
    case PodPhase::kPending:
      return "Pending";
    case PodPhase::kRunning:
      return "Running";
    case PodPhase::kSucceeded:
      return "Succeeded";
    case PodPhase::kFailed:
      return "Failed";
  }
  return "Unknown";
}

PodPhase phaseFromName(const std::string& name) {
  for (const PodPhase phase : {PodPhase::kRunning, PodPhase::kSucceeded, PodPhase::kFailed}) {
    if (name == phaseName(phase)) return phase;
  }
  return PodPhase::kPending;
}

}  // namespace gantry::model
