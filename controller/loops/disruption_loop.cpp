// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/disruption_loop.h"

#include <set>

#include "controller/workloads/disruption.h"
#include "manifests/resource.h"

namespace gantry::loops {
namespace {

/// Changes of pods that come so close together are counted once: each count goes over all pods of a
/// namespace.
constexpr base::Duration kTogether(200);

}  // namespace

DisruptionLoop::DisruptionLoop(LoopContext context)
    : context_(context),
      queue_(context.executor, [this](const model::Name& name) { return work(name); }) {
  context_.ledger.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void DisruptionLoop::start() {
  for (const auto& [name, entry] : context_.state().disruptionBudgets.entries()) queue_.mark(name);
}

void DisruptionLoop::follow(std::span<const model::Change> changes) {
  std::set<std::string> namespaces;
  for (const model::Change& change : changes) {
    if (change.as<schema::PodDisruptionBudget>() != nullptr) {
      if (!change.erased) queue_.mark(change.name);
    } else if (change.as<model::Pod>() != nullptr || change.as<schema::Deployment>() != nullptr ||
               change.as<schema::ReplicaSet>() != nullptr) {
      namespaces.insert(change.name.ns);
    }
  }
  for (const std::string& ns : namespaces) markAll(ns);
}

void DisruptionLoop::markAll(const std::string& ns) {
  const auto& budgets = context_.state().disruptionBudgets.entries();
  for (auto it = budgets.lower_bound({ns, ""}); it != budgets.end() && it->first.ns == ns; ++it) {
    queue_.markWithin(it->first, kTogether);
  }
}

WorkOutcome DisruptionLoop::work(const model::Name& name) {
  const schema::PodDisruptionBudget* budget = context_.state().disruptionBudgets.find(name);
  if (budget == nullptr) return {};
  schema::PodDisruptionBudgetStatus status = workloads::disruptionStatus(*budget, context_.state());
  if (manifests::sameContent(status, budget->status())) return {};
  schema::PodDisruptionBudget updated = *budget;
  *updated.mutable_status() = std::move(status);
  model::Transaction transaction(context_.state());
  transaction.put(std::move(updated));
  return outcomeOf(context_.ledger.commit(std::move(transaction)));
}

}  // namespace gantry::loops
