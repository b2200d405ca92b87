// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/replica_set_loop.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "controller/loops/ownership.h"
#include "controller/model/deletion.h"
#include "manifests/resource.h"

namespace gantry::loops {
namespace {

// A commit of bounded size, whatever spec.replicas is; the rest follows with the next look.
constexpr int kMostAtOnce = 500;

using manifests::sameContent;
using model::Name;

}  // namespace

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
      if (pod->ownerKind == "ReplicaSet") markOwnerOf(*pod);
    } else if (const auto* deployment = change.as<schema::Deployment>();
               deployment != nullptr && change.erased) {
      for (const auto& owned : context_.state().replicaSetsOwnedBy(deployment->metadata().uid())) {
        queue_.mark(model::nameOf(*owned));
      }
    }
  }
}

void ReplicaSetLoop::markOwnerOf(const model::Pod& pod) {
  const auto siblings = context_.state().podsByOwner.find(pod.ownerUid);
  const std::size_t count =
      siblings == context_.state().podsByOwner.end() ? 0 : siblings->second.size();
  queue_.markWithin({pod.ns, pod.ownerName}, settleTime(count));
}

WorkOutcome ReplicaSetLoop::work(const Name& name) {
  const model::Ptr<schema::ReplicaSet> set = context_.state().replicaSets.share(name);
  if (set == nullptr) return {};
  if (isOrphan(context_.state(), *set)) return eraseOrphan(*set);
  const Pods pods = context_.state().podsOwnedBy(set->metadata().uid());
  const base::Timestamp now = context_.executor.wallNow();
  const workloads::ReplicaSetPlan plan = workloads::planReplicaSet({*set, pods, now});

  model::Transaction transaction(context_.state());
  const std::vector<model::Pod> made = makePods(*set, pods, std::min(plan.create, kMostAtOnce));
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

std::vector<model::Pod> ReplicaSetLoop::makePods(const schema::ReplicaSet& set,
                                                 const Pods& siblings, int count) {
  std::vector<model::Pod> made;
  if (count <= 0) return made;
  // All pods of one template share it.
  const auto sibling = std::ranges::find_if(
      siblings, [&](const auto& pod) { return sameContent(*pod->shape, set.spec().template_()); });
  const auto shape = sibling != siblings.end()
                         ? (*sibling)->shape
                         : std::make_shared<const schema::PodTemplateSpec>(set.spec().template_());
  for (int i = 0; i < count; ++i) {
    made.push_back(workloads::makePod(set, shape, newPodName(set, made),
                                      base::newUid(context_.executor),
                                      context_.executor.wallNow()));
  }
  return made;
}

std::string ReplicaSetLoop::newPodName(const schema::ReplicaSet& set,
                                       const std::vector<model::Pod>& made) {
  while (true) {
    const std::string name =
        absl::StrCat(set.metadata().name(), "-", base::newNameSuffix(context_.executor));
    const bool taken = context_.state().pods.find({set.metadata().namespace_(), name}) != nullptr ||
                       std::ranges::find(made, name, &model::Pod::name) != made.end();
    if (!taken) return name;
  }
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
