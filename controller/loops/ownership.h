// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/str_split.h"
#include "base/time.h"
#include "controller/delivery/merge.h"
#include "controller/model/state.h"

namespace gantry::loops {

/// The owner that controls an object; null if there is none.
inline const schema::OwnerReference* controllerOf(const schema::ObjectMeta& metadata) {
  for (const schema::OwnerReference& owner : metadata.owner_references()) {
    if (owner.controller()) return &owner;
  }
  return nullptr;
}

/// The Application that an object belongs to; null if to none that is there.
inline const schema::Application* applicationOf(const model::State& state,
                                                const google::protobuf::Message& object) {
  const std::pair<std::string, std::string> owner =
      absl::StrSplit(delivery::ownerOf(object), absl::MaxSplits('/', 1));
  return state.applications.find({owner.first, owner.second});
}

/// Whether an object was made by a Deployment that is no longer there.
inline bool isOrphan(const model::State& state, const schema::ReplicaSet& set) {
  const schema::OwnerReference* owner = controllerOf(set.metadata());
  if (owner == nullptr || owner->kind() != "Deployment") return false;
  const auto* found = state.deployments.find({set.metadata().namespace_(), owner->name()});
  return found == nullptr || found->metadata().uid() != owner->uid();
}

/// Whether a Pod was made by a ReplicaSet or Job that is no longer there.
inline bool isOrphan(const model::State& state, const model::Pod& pod) {
  const model::Name owner{pod.ns, pod.ownerName};
  const auto isGone = [&](const auto* found) {
    return found == nullptr || found->metadata().uid() != pod.ownerUid;
  };
  if (pod.ownerKind == "ReplicaSet") return isGone(state.replicaSets.find(owner));
  return pod.ownerKind == "Job" && isGone(state.jobs.find(owner));
}

/// How long changes of one of so many pods may wait to be looked at together: a look goes over all
/// of them, so that with thousands, one look a change would cost all the time there is.
inline base::Duration settleTime(std::size_t pods) {
  return base::Duration(static_cast<std::int64_t>(pods / 100));
}

/// The same for a change of one of a Pod's owner's pods.
inline base::Duration settleTime(const model::State& state, const model::Pod& pod) {
  const auto siblings = state.podsByOwner.find(pod.ownerUid);
  return settleTime(siblings == state.podsByOwner.end() ? 0 : siblings->second.size());
}

}  // namespace gantry::loops
