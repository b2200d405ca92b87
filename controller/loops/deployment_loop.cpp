// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/deployment_loop.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status.h"
#include "controller/delivery/audit_trail.h"
#include "controller/loops/ownership.h"
#include "manifests/resource.h"

namespace gantry::loops {
namespace {

using manifests::sameContent;
using model::Name;

}  // namespace

DeploymentLoop::DeploymentLoop(LoopContext context)
    : context_(context), queue_(context.executor, [this](const Name& name) { return work(name); }) {
  context_.ledger.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void DeploymentLoop::start() {
  for (const auto& [name, entry] : context_.state().deployments.entries()) queue_.mark(name);
}

void DeploymentLoop::follow(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    if (const auto* deployment = change.as<schema::Deployment>()) {
      const schema::DeploymentStatus& status = deployment->status();
      const bool isSeen = status.observed_generation() == deployment->metadata().generation();
      queue_.markWithin(change.name, isSeen ? settleTime(status.replicas()) : base::Duration(0));
    } else if (const auto* set = change.as<schema::ReplicaSet>()) {
      markOwnerOf(*set);
    } else if (const auto* pod = change.as<model::Pod>()) {
      const auto* owner = context_.state().replicaSets.find({pod->ns, pod->ownerName});
      if (owner != nullptr) markOwnerOf(*owner);
    }
  }
}

void DeploymentLoop::markOwnerOf(const schema::ReplicaSet& set) {
  const schema::OwnerReference* owner = controllerOf(set.metadata());
  if (owner == nullptr || owner->kind() != "Deployment") return;
  const Name name{set.metadata().namespace_(), owner->name()};
  const auto* deployment = context_.state().deployments.find(name);
  const int pods = deployment == nullptr ? 0 : deployment->status().replicas();
  queue_.markWithin(name, settleTime(pods));
}

WorkOutcome DeploymentLoop::work(const Name& name) {
  const model::Ptr<schema::Deployment> deployment = context_.state().deployments.share(name);
  if (deployment == nullptr) return {};
  const workloads::DeploymentPlan decided = plan(*deployment);
  model::Transaction transaction(context_.state());
  for (const workloads::DeploymentAction& action : decided.actions) {
    std::visit([&](const auto& one) { carryOut(*deployment, one, transaction); }, action);
  }
  if (!sameContent(decided.status, deployment->status())) {
    schema::Deployment updated = *deployment;
    *updated.mutable_status() = decided.status;
    transaction.put(std::move(updated));
  }
  const absl::Status committed = context_.ledger.commit(std::move(transaction));
  if (committed.ok()) {
    for (const auto& action : decided.actions) remark(*deployment, action);
  }
  return outcomeOf(committed, decided.revisitAt);
}

workloads::DeploymentPlan DeploymentLoop::plan(const schema::Deployment& deployment) const {
  workloads::DeploymentInputs inputs{
      deployment,
      context_.state().replicaSetsOwnedBy(deployment.metadata().uid()),
      {},
      context_.executor.wallNow()};
  for (const auto& set : inputs.replicaSets) {
    std::ranges::copy(context_.state().podsOwnedBy(set->metadata().uid()),
                      std::back_inserter(inputs.pods));
  }
  std::ranges::sort(inputs.pods, {}, [](const auto& pod) { return std::string_view(pod->name); });
  return workloads::planDeployment(inputs);
}

void DeploymentLoop::carryOut(const schema::Deployment& deployment,
                              const workloads::CreateReplicaSet& action,
                              model::Transaction& transaction) {
  schema::ReplicaSet set = action.replicaSet;
  schema::ObjectMeta& metadata = *set.mutable_metadata();
  metadata.set_namespace_(deployment.metadata().namespace_());
  metadata.set_uid(base::newUid(context_.executor));
  metadata.set_generation(1);
  metadata.mutable_creation_timestamp()->set_unix_ms(base::toUnixMs(context_.executor.wallNow()));
  const Name name{metadata.namespace_(), metadata.name()};
  // Somebody else's ReplicaSet of that name is left alone; the Deployment waits until it has gone.
  if (context_.state().replicaSets.find(name) == nullptr) transaction.put(std::move(set));
}

void DeploymentLoop::carryOut(const schema::Deployment&, const workloads::UpdateReplicaSet& action,
                              model::Transaction& transaction) {
  schema::ReplicaSet set = action.replicaSet;
  const auto* before =
      context_.state().replicaSets.find({set.metadata().namespace_(), set.metadata().name()});
  if (before == nullptr) return;
  const bool respecified = !sameContent(before->spec(), set.spec());
  set.mutable_metadata()->set_generation(before->metadata().generation() + (respecified ? 1 : 0));
  transaction.put(std::move(set));
}

void DeploymentLoop::carryOut(const schema::Deployment&, const workloads::DeleteReplicaSet& action,
                              model::Transaction& transaction) {
  transaction.erase<schema::ReplicaSet>(action.name);
}

void DeploymentLoop::remark(const schema::Deployment& deployment,
                            const workloads::DeploymentAction& action) {
  Remark said = remarkAbout(deployment, source::kDeploymentController);
  if (const auto* created = std::get_if<workloads::CreateReplicaSet>(&action)) {
    said.reason = "ScalingReplicaSet";
    said.message = absl::StrCat("created ReplicaSet ", created->replicaSet.metadata().name(), ": ",
                                created->reason);
  } else if (const auto* updated = std::get_if<workloads::UpdateReplicaSet>(&action)) {
    // Annotations change without a reason that people need to see.
    if (updated->reason.empty()) return;
    said.reason = "ScalingReplicaSet";
    said.message =
        absl::StrCat("ReplicaSet ", updated->replicaSet.metadata().name(), ": ", updated->reason);
  } else {
    const auto& deleted = std::get<workloads::DeleteReplicaSet>(action);
    said.reason = "DeletedReplicaSet";
    said.message = absl::StrCat("ReplicaSet ", deleted.name.name, ": ", deleted.reason);
  }
  context_.events.record(std::move(said));
}

absl::StatusOr<api::RolloutResponse> DeploymentLoop::pause(const delivery::Caller& caller,
                                                           const api::RolloutRequest& request) {
  GANTRY_ASSIGN_OR_RETURN(schema::Deployment deployment, find(request));
  if (const std::string& by = deployment.status().paused_by(); !by.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the rollout of ", request.deployment(), " was paused by ", by, " already"));
  }
  deployment.mutable_status()->set_paused_by(caller.identity);
  deployment.mutable_status()->set_paused_reason(request.reason());
  Remark said = remarkAbout(deployment, caller.identity);
  GANTRY_RETURN_IF_ERROR(commitDecision(std::move(deployment), delivery::kAuditPauseRollout, caller,
                                        request.reason()));
  said.reason = "RolloutPaused";
  said.message = absl::StrCat("paused by ", caller.identity, ": ", request.reason());
  context_.events.record(std::move(said));
  api::RolloutResponse response;
  response.set_message(absl::StrCat("the rollout of ", request.deployment(), " is paused"));
  return response;
}

absl::StatusOr<api::RolloutResponse> DeploymentLoop::resume(const delivery::Caller& caller,
                                                            const api::RolloutRequest& request) {
  GANTRY_ASSIGN_OR_RETURN(schema::Deployment deployment, find(request));
  if (deployment.status().paused_by().empty()) {
    return absl::FailedPreconditionError(
        deployment.spec().paused()
            ? absl::StrCat("the rollout of ", request.deployment(),
                           " is paused by spec.paused; change it in Git")
            : absl::StrCat("the rollout of ", request.deployment(), " is not paused"));
  }
  deployment.mutable_status()->clear_paused_by();
  deployment.mutable_status()->clear_paused_reason();
  Remark said = remarkAbout(deployment, caller.identity);
  GANTRY_RETURN_IF_ERROR(commitDecision(std::move(deployment), delivery::kAuditResumeRollout,
                                        caller, request.reason()));
  said.reason = "RolloutResumed";
  said.message = absl::StrCat("resumed by ", caller.identity, ": ", request.reason());
  context_.events.record(std::move(said));
  api::RolloutResponse response;
  response.set_message(absl::StrCat("the rollout of ", request.deployment(), " goes on"));
  return response;
}

absl::StatusOr<schema::Deployment> DeploymentLoop::find(const api::RolloutRequest& request) const {
  const auto* found =
      context_.state().deployments.find({request.namespace_(), request.deployment()});
  if (found != nullptr) return *found;
  return absl::NotFoundError(absl::StrCat("there is no Deployment ", request.deployment(),
                                          " in the namespace ", request.namespace_()));
}

absl::Status DeploymentLoop::commitDecision(schema::Deployment deployment, const char* action,
                                            const delivery::Caller& caller,
                                            const std::string& reason) {
  model::Transaction transaction(context_.state());
  if (const schema::Application* application = applicationOf(context_.state(), deployment)) {
    const std::string what = absl::StrCat("Deployment ", deployment.metadata().namespace_(), "/",
                                          deployment.metadata().name());
    delivery::AuditTrail(transaction, context_.state(), model::nameOf(*application),
                         context_.executor.wallNow())
        .append({action, caller.identity, application->status().applied().commit(),
                 reason.empty() ? what : absl::StrCat(what, ": ", reason)});
  }
  transaction.put(std::move(deployment));
  return context_.ledger.commit(std::move(transaction));
}

}  // namespace gantry::loops
