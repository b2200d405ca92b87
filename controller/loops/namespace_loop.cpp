// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/namespace_loop.h"

#include "controller/model/deletion.h"

namespace gantry::loops {
namespace {

template <class T>
void eraseAll(const model::State& state, const std::string& ns, model::Transaction& transaction) {
  for (const auto& object : state.table<T>().inNamespace(ns)) {
    transaction.erase<T>(model::nameOf(*object));
  }
}

bool isBeingDeleted(const model::State& state, const std::string& ns) {
  const schema::Namespace* found = state.namespaces.find({"", ns});
  return found != nullptr && found->metadata().has_deletion_timestamp();
}

}  // namespace

NamespaceLoop::NamespaceLoop(LoopContext context)
    : context_(context),
      queue_(context.executor, [this](const std::string& ns) { return work(ns); }) {
  context_.ledger.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void NamespaceLoop::start() {
  for (const auto& [name, entry] : context_.state().namespaces.entries()) queue_.mark(name.name);
}

void NamespaceLoop::follow(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    const std::string& ns =
        change.as<schema::Namespace>() != nullptr ? change.name.name : change.name.ns;
    if (isBeingDeleted(context_.state(), ns)) queue_.mark(ns);
  }
}

WorkOutcome NamespaceLoop::work(const std::string& ns) {
  const model::State& state = context_.state();
  if (!isBeingDeleted(state, ns)) return {};
  model::Transaction transaction(state);
  // Applications first in time: none of them may put back what goes.
  eraseAll<schema::Application>(state, ns, transaction);
  eraseAll<schema::Deployment>(state, ns, transaction);
  eraseAll<schema::ReplicaSet>(state, ns, transaction);
  eraseAll<schema::Job>(state, ns, transaction);
  eraseAll<schema::Service>(state, ns, transaction);
  eraseAll<schema::PodDisruptionBudget>(state, ns, transaction);
  const auto pods = state.pods.inNamespace(ns);
  for (const auto& pod : pods) {
    model::beginPodDeletion(transaction, *pod, "its Namespace is deleted",
                            context_.executor.wallNow());
  }
  if (pods.empty()) {
    eraseAll<schema::ConfigMap>(state, ns, transaction);
    eraseAll<schema::Secret>(state, ns, transaction);
    transaction.erase<schema::Namespace>({"", ns});
  }
  return outcomeOf(context_.ledger.commit(std::move(transaction)));
}

}  // namespace gantry::loops
