// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/replica_set_loop.h"

#include "absl/strings/str_cat.h"
#include "controller/loops/ownership.h"
#include "controller/loops/pod_factory.h"
#include "controller/model/deletion.h"
#include "manifests/resource.h"

namespace gantry::loops {

using manifests::sameContent;
using model::Name;

ReplicaSetLoop::ReplicaSetLoop(LoopContext context)
    : context_(context), queue_(context.executor, [this](const Name& name) { return work(name); }) {
  context_.ledger.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void ReplicaSetLoop::start() {
  for (const auto& [name, entry] : context_.state().replicaSets.entries()) queue_.mark(name);
}

void ReplicaSetLoop::follow(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    if (const auto* set = change.as<schema::ReplicaSet>()) {
      // A change of its status comes from here and is in no hurry.
      const bool isSeen = set->status().observed_generation() == set->metadata().generation();
      queue_.markWithin(change.name,
                        isSeen ? settleTime(set->status().replicas()) : base::Duration(0));
    } else if (const auto* pod = change.as<model::Pod>()) {
      if (pod->ownerKind != "ReplicaSet") continue;
      queue_.markWithin({pod->ns, pod->ownerName}, settleTime(context_.state(), *pod));
    } else if (const auto* deployment = change.as<schema::Deployment>();
               deployment != nullptr && change.erased) {
      for (const auto& owned : context_.state().replicaSetsOwnedBy(deployment->metadata().uid())) {
        queue_.mark(model::nameOf(*owned));
      }
    }
  }
}

WorkOutcome ReplicaSetLoop::work(const Name& name) {
  const model::Ptr<schema::ReplicaSet> set = context_.state().replicaSets.share(name);
  if (set == nullptr) return {};
  if (isOrphan(context_.state(), *set)) return eraseOrphan(*set);
  const Pods pods = context_.state().podsOwnedBy(set->metadata().uid());
  const base::Timestamp now = context_.executor.wallNow();
  const workloads::ReplicaSetPlan plan = workloads::planReplicaSet({*set, pods, now});

  model::Transaction transaction(context_.state());
  const std::vector<model::Pod> made =
      makePods(context_, "ReplicaSet", set->metadata(), set->spec().template_(), pods, plan.create);
  for (const model::Pod& pod : made) transaction.put(pod);
  for (const workloads::DeletePod& deletion : plan.deletions) {
    const model::Pod* pod = context_.state().pods.find(deletion.name);
    if (pod != nullptr) model::beginPodDeletion(transaction, *pod, deletion.reason, now);
  }
  if (!sameContent(plan.status, set->status())) {
    schema::ReplicaSet updated = *set;
    *updated.mutable_status() = plan.status;
    transaction.put(std::move(updated));
  }
  const absl::Status committed = context_.ledger.commit(std::move(transaction));
  if (committed.ok()) remark(*set, made, plan);
  return outcomeOf(committed, plan.revisitAt);
}

WorkOutcome ReplicaSetLoop::eraseOrphan(const schema::ReplicaSet& set) {
  model::Transaction transaction(context_.state());
  transaction.erase<schema::ReplicaSet>(model::nameOf(set));
  return outcomeOf(context_.ledger.commit(std::move(transaction)));
}

void ReplicaSetLoop::remark(const schema::ReplicaSet& set, const std::vector<model::Pod>& made,
                            const workloads::ReplicaSetPlan& plan) {
  for (const model::Pod& pod : made) {
    Remark said = remarkAbout(set, source::kReplicaSetController);
    said.reason = "SuccessfulCreate";
    said.message = absl::StrCat("created pod ", pod.name, ": ", plan.createReason);
    context_.events.record(std::move(said));
  }
  for (const workloads::DeletePod& deletion : plan.deletions) {
    Remark said = remarkAbout(set, source::kReplicaSetController);
    said.reason = "SuccessfulDelete";
    said.message = absl::StrCat("deleted pod ", deletion.name.name, ": ", deletion.reason);
    context_.events.record(std::move(said));
  }
}

}  // namespace gantry::loops
