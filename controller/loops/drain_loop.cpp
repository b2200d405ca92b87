// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/drain_loop.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "controller/loops/ownership.h"
#include "controller/model/deletion.h"

namespace gantry::loops {
namespace {

using model::Pod;

std::string quoted(const std::string& reason) {
  return reason.empty() ? std::string() : absl::StrCat(": ", reason);
}

/// Nothing is replaced before a bare Pod goes, nor before a Job's; one that has ended is first
/// counted by its Job.
bool goesAtOnce(const Pod& pod) {
  if (pod.ownerUid.empty()) return true;
  return pod.ownerKind == "Job" && (model::isActive(pod) || pod.counted);
}

void setCordon(schema::Node& node, const delivery::Caller& caller, const std::string& reason) {
  node.mutable_spec()->set_unschedulable(true);
  node.mutable_spec()->set_unschedulable_by(caller.identity);
  node.mutable_spec()->set_unschedulable_reason(reason);
}

}  // namespace

DrainLoop::DrainLoop(LoopContext context)
    : context_(context),
      queue_(context.executor, [this](const std::string& node) { return work(node); }) {
  context_.ledger.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void DrainLoop::start() {
  for (const auto& [name, entry] : context_.state().nodes.entries()) {
    if (entry.object->spec().has_drain()) draining_[name.name] = {};
    queue_.mark(name.name);
  }
}

void DrainLoop::follow(std::span<const model::Change> changes) {
  bool podsChanged = false;
  for (const model::Change& change : changes) {
    if (const auto* node = change.as<schema::Node>()) {
      const bool drains = !change.erased && node->spec().has_drain();
      const bool drained = draining_.contains(change.name.name);
      if (drains == drained) continue;
      if (drains) draining_[change.name.name] = {};
      if (!drains) draining_.erase(change.name.name);
      queue_.mark(change.name.name);
    } else {
      podsChanged |= change.as<Pod>() != nullptr || change.as<schema::Deployment>() != nullptr ||
                     change.as<schema::ReplicaSet>() != nullptr ||
                     change.as<schema::PodDisruptionBudget>() != nullptr;
    }
  }
  if (!podsChanged) return;
  // A pod elsewhere may be the one that a drain waits for; few nodes are drained at a time.
  for (const auto& [node, progress] : draining_) queue_.mark(node);
}

WorkOutcome DrainLoop::work(const std::string& node) {
  const auto drain = draining_.find(node);
  if (drain == draining_.end()) return stopWaiting(node);
  noteProgress(node, drain->second);
  const base::Timestamp now = context_.executor.wallNow();
  const std::string reason = absl::StrCat("node ", node, " is drained");
  model::Transaction transaction(context_.state());
  std::optional<base::Timestamp> next;
  workloads::Disruptions budgets(context_.state());
  std::vector<workloads::InTheWay> inTheWay;
  for (const auto& pod : context_.state().podsOnNode(node)) {
    if (!goesAtOnce(*pod) || pod->deletedAt) continue;
    std::vector<workloads::InTheWay> why = budgets.take(*pod);
    if (why.empty()) model::beginPodDeletion(transaction, *pod, reason, now);
    std::ranges::move(why, std::back_inserter(inTheWay));
  }
  for (const nodes::PodGroup& group : groupsOn(node)) {
    nodes::DrainStep step = nodes::planDrain(group, node, now, budgets);
    std::ranges::move(step.inTheWay, std::back_inserter(inTheWay));
    for (const auto& pod : step.deletions) model::beginPodDeletion(transaction, *pod, reason, now);
    for (const auto& pod : step.leaving) {
      Pod leaving = *pod;
      leaving.leaving = true;
      transaction.put(std::move(leaving));
    }
    if (step.revisitAt) next = std::min(next.value_or(*step.revisitAt), *step.revisitAt);
  }
  noteWaiting(node, drain->second, inTheWay);
  return outcomeOf(context_.ledger.commit(std::move(transaction)), next);
}

void DrainLoop::noteProgress(const std::string& node, Progress& progress) {
  const bool isEmpty = context_.state().podsOnNode(node).empty();
  if (!isEmpty || std::exchange(progress.isEmpty, isEmpty)) return;
  remark(node, "Drained", "no pods are left on it");
}

void DrainLoop::noteWaiting(const std::string& node, Progress& progress,
                            const std::vector<workloads::InTheWay>& inTheWay) {
  std::set<std::string> budgets;
  for (const workloads::InTheWay& budget : inTheWay) budgets.insert(describe(budget));
  std::string waitsFor = absl::StrJoin(budgets, "; ");
  if (!waitsFor.empty() && waitsFor != progress.waitsFor) {
    remark(node, "DrainWaits", absl::StrCat("pods wait: ", waitsFor));
  }
  progress.waitsFor = std::move(waitsFor);
}

void DrainLoop::remark(const std::string& node, const char* reason, std::string message) {
  Remark said = remarkAbout(*context_.state().nodes.find({"", node}), source::kNodeController);
  said.reason = reason;
  said.message = std::move(message);
  context_.events.record(std::move(said));
}

// After an uncordon the pods stay; their ReplicaSets remove what is too much.
WorkOutcome DrainLoop::stopWaiting(const std::string& node) {
  model::Transaction transaction(context_.state());
  for (const auto& pod : context_.state().podsOnNode(node)) {
    if (!pod->leaving || pod->deletedAt) continue;
    Pod staying = *pod;
    staying.leaving = false;
    transaction.put(std::move(staying));
  }
  return outcomeOf(context_.ledger.commit(std::move(transaction)));
}

std::vector<nodes::PodGroup> DrainLoop::groupsOn(const std::string& node) const {
  const model::State& state = context_.state();
  std::map<model::Name, const schema::Deployment*> deployments;
  std::map<model::Name, const schema::ReplicaSet*> sets;
  for (const auto& pod : state.podsOnNode(node)) {
    const auto* set = state.replicaSets.find({pod->ns, pod->ownerName});
    if (pod->deletedAt || set == nullptr || set->metadata().uid() != pod->ownerUid) continue;
    const schema::OwnerReference* owner = controllerOf(set->metadata());
    const auto* deployment =
        owner == nullptr ? nullptr : state.deployments.find({pod->ns, owner->name()});
    if (deployment != nullptr) {
      deployments.emplace(model::nameOf(*deployment), deployment);
    } else {
      sets.emplace(model::nameOf(*set), set);
    }
  }
  std::vector<nodes::PodGroup> groups;
  for (const auto& [name, deployment] : deployments) {
    groups.push_back(nodes::groupOf(state, *deployment));
  }
  for (const auto& [name, set] : sets) groups.push_back(nodes::groupOf(state, *set));
  return groups;
}

absl::StatusOr<api::NodeResponse> DrainLoop::cordon(const delivery::Caller& caller,
                                                    const api::NodeRequest& request) {
  GANTRY_ASSIGN_OR_RETURN(schema::Node node, find(request));
  setCordon(node, caller, request.reason());
  return change(std::move(node), caller, "Cordoned",
                absl::StrCat("cordoned by ", caller.identity, quoted(request.reason())));
}

absl::StatusOr<api::NodeResponse> DrainLoop::uncordon(const delivery::Caller& caller,
                                                      const api::NodeRequest& request) {
  GANTRY_ASSIGN_OR_RETURN(schema::Node node, find(request));
  if (!node.spec().unschedulable() && !node.spec().has_drain()) {
    return absl::FailedPreconditionError(absl::StrCat("node ", request.node(), " is not cordoned"));
  }
  node.mutable_spec()->clear_unschedulable();
  node.mutable_spec()->clear_unschedulable_by();
  node.mutable_spec()->clear_unschedulable_reason();
  node.mutable_spec()->clear_drain();
  return change(std::move(node), caller, "Uncordoned",
                absl::StrCat("uncordoned by ", caller.identity, quoted(request.reason())));
}

absl::StatusOr<api::NodeResponse> DrainLoop::drain(const delivery::Caller& caller,
                                                   const api::NodeRequest& request) {
  GANTRY_ASSIGN_OR_RETURN(schema::Node node, find(request));
  setCordon(node, caller, request.reason());
  schema::DrainRequest& drain = *node.mutable_spec()->mutable_drain();
  drain.set_by(caller.identity);
  drain.set_reason(request.reason());
  drain.mutable_at()->set_unix_ms(base::toUnixMs(context_.executor.wallNow()));
  return change(std::move(node), caller, "DrainStarted",
                absl::StrCat("drain asked for by ", caller.identity, quoted(request.reason())));
}

absl::StatusOr<api::DrainPreview> DrainLoop::preview(const api::NodeRequest& request,
                                                     scheduler::ClusterView view) const {
  GANTRY_ASSIGN_OR_RETURN(schema::Node node, find(request));
  node.mutable_spec()->set_unschedulable(true);
  view.putNode(node);
  api::DrainPreview preview;
  workloads::Disruptions budgets(context_.state());
  std::map<std::string, std::string> inTheWay;
  for (const auto& pod : context_.state().podsOnNode(request.node())) {
    if (!model::isActive(*pod)) continue;
    for (workloads::InTheWay& budget : budgets.take(*pod)) {
      inTheWay.try_emplace(std::move(budget.budget), std::move(budget.explanation));
    }
    if (pod->ownerUid.empty()) {
      preview.add_lost(absl::StrCat(pod->ns, "/", pod->name));
      continue;
    }
    const auto placement = scheduler::place(view, pod->shape->spec(), pod->ownerUid);
    view.removePod(pod->uid);
    if (!placement.node.empty()) {
      view.addPod(pod->uid, placement.node, scheduler::requestsOf(pod->shape->spec()),
                  pod->ownerUid);
    }
    api::PlannedPod& move = *preview.add_moves();
    move.set_owner(absl::StrCat(pod->ownerKind, "/", pod->ns, "/", pod->ownerName));
    move.set_node(placement.node);
    move.set_explanation(placement.explanation);
  }
  for (const auto& [budget, explanation] : inTheWay) {
    api::DisruptionBudgetEffect& effect = *preview.add_disruption_budgets();
    effect.set_budget(budget);
    effect.set_in_the_way(true);
    effect.set_explanation(explanation);
  }
  return preview;
}

absl::StatusOr<schema::Node> DrainLoop::find(const api::NodeRequest& request) const {
  const schema::Node* node = context_.state().nodes.find({"", request.node()});
  if (node != nullptr) return *node;
  return absl::NotFoundError(absl::StrCat("there is no node ", request.node()));
}

absl::StatusOr<api::NodeResponse> DrainLoop::change(schema::Node node,
                                                    const delivery::Caller& caller,
                                                    const char* reason,
                                                    const std::string& message) {
  Remark said = remarkAbout(node, caller.identity);
  said.reason = reason;
  said.message = message;
  node.mutable_metadata()->set_generation(node.metadata().generation() + 1);
  model::Transaction transaction(context_.state());
  transaction.put(std::move(node));
  GANTRY_RETURN_IF_ERROR(context_.ledger.commit(std::move(transaction)));
  context_.events.record(std::move(said));
  api::NodeResponse response;
  response.set_message(message);
  return response;
}

}  // namespace gantry::loops
