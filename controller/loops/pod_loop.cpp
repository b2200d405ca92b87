// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/pod_loop.h"

#include "absl/strings/str_cat.h"
#include "controller/loops/ownership.h"
#include "controller/model/deletion.h"

namespace gantry::loops {

using model::Name;

PodLoop::PodLoop(LoopContext context)
    : context_(context), queue_(context.executor, [this](const Name& name) { return work(name); }) {
  context_.ledger.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void PodLoop::start() {
  for (const auto& [name, entry] : context_.state().pods.entries()) queue_.mark(name);
}

void PodLoop::follow(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    if (const auto* pod = change.as<model::Pod>()) {
      if (!change.erased && (pod->deletedAt || isOrphan(context_.state(), *pod))) {
        queue_.mark(change.name);
      }
    } else if (const auto* set = change.as<schema::ReplicaSet>()) {
      if (change.erased) markPodsOf(set->metadata().uid());
    } else if (const auto* job = change.as<schema::Job>()) {
      if (change.erased) markPodsOf(job->metadata().uid());
    } else if (change.as<schema::Node>() != nullptr && change.erased) {
      for (const auto& bound : context_.state().podsOnNode(change.name.name)) {
        queue_.mark(model::nameOf(*bound));
      }
    }
  }
}

void PodLoop::markPodsOf(const std::string& ownerUid) {
  for (const auto& owned : context_.state().podsOwnedBy(ownerUid)) {
    queue_.mark(model::nameOf(*owned));
  }
}

WorkOutcome PodLoop::work(const Name& name) {
  const model::Ptr<model::Pod> pod = context_.state().pods.share(name);
  if (pod == nullptr) return {};
  model::Transaction transaction(context_.state());
  const bool hasNode =
      !pod->nodeName.empty() && context_.state().nodes.find({"", pod->nodeName}) != nullptr;
  if (pod->deletedAt && !hasNode) {
    transaction.erase<model::Pod>(name);
  } else if (isOrphan(context_.state(), *pod)) {
    model::beginPodDeletion(transaction, *pod, absl::StrCat("its ", pod->ownerKind, " is gone"),
                            context_.executor.wallNow());
  }
  return outcomeOf(context_.ledger.commit(std::move(transaction)));
}

}  // namespace gantry::loops
