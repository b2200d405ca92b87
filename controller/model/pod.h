// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "manifests/schema/core.pb.h"

namespace gantry::model {

/// A Pod's life, as a clock that only rises; gaps leave room for phases between.
enum class PodPhase : int {
  kPending = 0,
  kRunning = 64,
  kSucceeded = 128,
  kFailed = 192,
};

/// One Pod. There are hundreds of thousands of them, so what is equal is shared: all Pods of a
/// ReplicaSet or Job point to one template. Immutable once in the state; a change is a new struct.
struct Pod {
  std::string ns;
  std::string name;
  /// Never reused: a replacement is another Pod.
  std::string uid;
  /// The ReplicaSet or Job that made it; all empty for a bare Pod.
  std::string ownerKind;
  std::string ownerName;
  std::string ownerUid;
  /// Labels, annotations and spec, defaults applied. Never null.
  std::shared_ptr<const schema::PodTemplateSpec> shape;
  /// Empty until the scheduler has bound it; never changes after.
  std::string nodeName;
  base::Timestamp createdAt;
  /// Set when it was told to go; it is erased when the agent says that nothing of it is left.
  std::optional<base::Timestamp> deletedAt;
  std::int64_t gracePeriodSeconds = 30;
  /// Why it was told to go: "scaled down", "node drained".
  std::string deletionReason;
  /// It is to be replaced before it is told to go: its ReplicaSet makes one Pod more meanwhile. Set
  /// and cleared by the drain of its node.
  bool leaving = false;
  /// It has ended, and its Job has counted that: once, whatever becomes of the Pod.
  bool counted = false;
  PodPhase phase = PodPhase::kPending;
  /// As last reported by the agent; before that, what the scheduler says. Never null.
  std::shared_ptr<const schema::PodStatus> status;
  /// Of the report that `status` is from.
  std::uint64_t reportSequence = 0;

  const google::protobuf::Map<std::string, std::string>& labels() const {
    return shape->metadata().labels();
  }
};

/// Told to go, or ended for good.
inline bool isActive(const Pod& pod) {
  return !pod.deletedAt && pod.phase < PodPhase::kSucceeded;
}

/// Active, and its Ready condition is True.
bool isReady(const Pod& pod);

/// Ready for at least `minReady` (Kubernetes' minReadySeconds).
bool isAvailable(const Pod& pod, base::Duration minReady, base::Timestamp now);

/// The condition of that type; null if there is none.
const schema::Condition* findCondition(const schema::PodStatus& status, const std::string& type);

/// As on the wire and in YAML.
schema::Pod toSchema(const Pod& pod);

/// The reverse of toSchema. `shape` is shared if an equal one is given.
Pod fromSchema(const schema::Pod& pod);

/// "Pending", "Running", "Succeeded", "Failed".
const char* phaseName(PodPhase phase);

/// The phase that a name stands for; Pending for any other text.
PodPhase phaseFromName(const std::string& name);

}  // namespace gantry::model
