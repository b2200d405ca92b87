// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/job_loop.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/delivery/objects.h"
#include "controller/loops/ownership.h"
#include "controller/loops/pod_factory.h"
#include "controller/model/deletion.h"
#include "manifests/resource.h"

namespace gantry::loops {

using manifests::sameContent;
using model::Name;

JobLoop::JobLoop(LoopContext context)
    : context_(context), queue_(context.executor, [this](const Name& name) { return work(name); }) {
  context_.ledger.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void JobLoop::start() {
  for (const auto& [name, entry] : context_.state().jobs.entries()) queue_.mark(name);
}

void JobLoop::follow(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    if (change.as<schema::Job>() != nullptr) {
      queue_.mark(change.name);
    } else if (const auto* pod = change.as<model::Pod>()) {
      if (pod->ownerKind != "Job") continue;
      queue_.markWithin({pod->ns, pod->ownerName}, settleTime(context_.state(), *pod));
    } else if (change.as<schema::Application>() != nullptr && change.erased) {
      // Those that it held may go when their time is over.
      start();
    }
  }
}

WorkOutcome JobLoop::work(const Name& name) {
  const model::State& state = context_.state();
  const model::Ptr<schema::Job> job = state.jobs.share(name);
  if (job == nullptr) return {};
  const auto pods = state.podsOwnedBy(job->metadata().uid());
  const bool isInInventory =
      job->spec().has_ttl_seconds_after_finished() && delivery::isInInventory(state, *job);
  const workloads::JobPlan plan =
      workloads::planJob({*job, pods, isInInventory, context_.executor.wallNow()});

  model::Transaction transaction(state);
  const std::vector<model::Pod> made =
      makePods(context_, "Job", job->metadata(), workloads::podTemplateOf(*job), pods, plan.create);
  putPods(made, plan, transaction);
  putJob(*job, plan, transaction);
  const absl::Status committed = context_.ledger.commit(std::move(transaction));
  if (committed.ok()) remark(*job, made, plan);
  return outcomeOf(committed, plan.revisitAt);
}

void JobLoop::putJob(const schema::Job& job, const workloads::JobPlan& plan,
                     model::Transaction& transaction) const {
  if (plan.erase) return transaction.erase<schema::Job>(model::nameOf(job));
  if (job.spec().has_selector() && sameContent(plan.status, job.status())) return;
  schema::Job updated = job;
  *updated.mutable_spec()->mutable_selector() = workloads::selectorOf(job);
  *updated.mutable_status() = plan.status;
  transaction.put(std::move(updated));
}

void JobLoop::putPods(const std::vector<model::Pod>& made, const workloads::JobPlan& plan,
                      model::Transaction& transaction) const {
  const auto& pods = context_.state().pods;
  for (const model::Pod& pod : made) transaction.put(pod);
  for (const Name& name : plan.counted) {
    model::Pod counted = *pods.find(name);
    counted.counted = true;
    transaction.put(std::move(counted));
  }
  for (const workloads::DeletePod& deletion : plan.deletions) {
    model::beginPodDeletion(transaction, *pods.find(deletion.name), deletion.reason,
                            context_.executor.wallNow());
  }
}

void JobLoop::remark(const schema::Job& job, const std::vector<model::Pod>& made,
                     const workloads::JobPlan& plan) {
  for (const model::Pod& pod : made) {
    remark(job, "SuccessfulCreate", absl::StrCat("created pod ", pod.name, ": ", plan.createReason),
           false);
  }
  for (const workloads::DeletePod& deletion : plan.deletions) {
    remark(job, "SuccessfulDelete",
           absl::StrCat("deleted pod ", deletion.name.name, ": ", deletion.reason), false);
  }
  for (const schema::Condition& now : plan.status.conditions()) {
    const bool isOld = std::ranges::any_of(job.status().conditions(), [&](const auto& before) {
      return before.type() == now.type() && before.status() == now.status();
    });
    if (!isOld) remark(job, now.reason(), now.message(), now.type() == "Failed");
  }
}

void JobLoop::remark(const schema::Job& job, std::string reason, std::string message,
                     bool isWarning) {
  Remark said = remarkAbout(job, source::kJobController);
  said.isWarning = isWarning;
  said.reason = std::move(reason);
  said.message = std::move(message);
  context_.events.record(std::move(said));
}

}  // namespace gantry::loops
