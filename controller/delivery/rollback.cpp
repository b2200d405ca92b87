// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/rollback.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "controller/delivery/budget.h"
#include "controller/delivery/digest.h"
#include "controller/delivery/loosening.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/planner.h"
#include "controller/delivery/project.h"
#include "controller/delivery/records.h"
#include "controller/delivery/retry.h"
#include "controller/delivery/suspension.h"

namespace gantry::delivery {
namespace {

absl::StatusOr<model::Ptr<api::HistoryEntry>> namedEntry(
    const std::vector<model::Ptr<api::HistoryEntry>>& history, const std::string& name) {
  for (const model::Ptr<api::HistoryEntry>& entry : history) {
    if (entry->name() == name) return entry;
  }
  return absl::NotFoundError(absl::StrCat("the history has no entry ", name));
}

}  // namespace

absl::StatusOr<model::Ptr<api::HistoryEntry>> rollbackTarget(const schema::Application& application,
                                                             const std::string& to,
                                                             const model::State& state) {
  const model::Name name = model::nameOf(application);
  const std::string& applied = application.status().applied().tree_hash();
  const std::vector<model::Ptr<api::HistoryEntry>> history = historyOf(state, name);
  if (applied.empty() || history.empty()) {
    return absl::FailedPreconditionError(
        "nothing has been applied yet: there is nothing to go back to");
  }
  if (!to.empty()) {
    GANTRY_ASSIGN_OR_RETURN(model::Ptr<api::HistoryEntry> entry, namedEntry(history, to));
    if (entry->revision().tree_hash() == applied) {
      return absl::FailedPreconditionError(
          absl::StrCat(to, " has the content that is applied now: there is nothing to go back to"));
    }
    if (const api::Hold* hold = findHold(state, name, entry->revision())) {
      return absl::FailedPreconditionError(absl::StrCat(to, " is ", holdMessage(*hold)));
    }
    return entry;
  }
  for (const model::Ptr<api::HistoryEntry>& entry : history) {
    if (entry->revision().tree_hash() == applied) continue;
    if (findHold(state, name, entry->revision()) == nullptr) return entry;
  }
  return absl::FailedPreconditionError(
      "the history has no other revision that is not held: there is nothing to go back to");
}

std::optional<TurnedBad> turnedBad(const schema::Application& application,
                                   const model::State& state, base::Timestamp now) {
  const schema::SyncPolicy& policy = application.spec().sync_policy();
  const schema::ApplicationStatus& status = application.status();
  if (!policy.has_automatic_rollback() || status.has_rollback() || isSuspended(application, now)) {
    return std::nullopt;
  }
  const model::Name name = model::nameOf(application);
  const auto history = historyOf(state, name);
  if (history.empty()) return std::nullopt;
  const api::HistoryEntry& newest = *history.front();
  const api::Plan* plan = state.plans.find({name.ns, newest.plan()});
  const bool failedOnTheWay = plan != nullptr && plan->state() == api::FAILED;
  if (status.health() != "Degraded" &&
      (!failedOnTheWay || goesOnTrying(application, newest.revision().commit(), state, now))) {
    return std::nullopt;
  }
  if (newest.cause() != kCauseSync ||
      newest.revision().tree_hash() != status.applied().tree_hash() ||
      findHold(state, name, newest.revision()) != nullptr) {
    return std::nullopt;
  }
  TurnedBad bad;
  bad.entry = newest.name();
  if (failedOnTheWay) {
    bad.reason = absl::StrCat(shortCommit(newest.revision()), ": ", plan->message());
  } else if (newest.outcome() == "Degraded") {
    bad.reason = absl::StrCat("the rollout of ", shortCommit(newest.revision()),
                              " has failed: ", status.message());
  } else {
    const base::Timestamp healthySince = base::fromUnixMs(newest.finished_at().unix_ms());
    const base::Duration watched =
        std::chrono::seconds(policy.automatic_rollback().watch_seconds());
    if (newest.outcome() != "Healthy" || now - healthySince > watched) return std::nullopt;
    bad.reason =
        absl::StrCat(shortCommit(newest.revision()), " did not stay healthy: ", status.message());
  }
  for (const model::Ptr<api::HistoryEntry>& entry : history) {
    const bool other = entry->revision().tree_hash() != newest.revision().tree_hash();
    if (!other || entry->outcome() != "Healthy") continue;
    if (findHold(state, name, entry->revision()) != nullptr) continue;
    bad.to = entry->name();
    return bad;
  }
  return std::nullopt;
}

absl::StatusOr<api::Plan> planRollback(const schema::Application& application,
                                       const schema::Revision& target,
                                       const std::string& repository,
                                       const std::string& headTreeHash,
                                       const manifests::RenderedSet& rendered,
                                       const model::State& state) {
  const auto outside = outsideProject(application, repository, rendered, state);
  if (!outside.empty()) return absl::FailedPreconditionError(outside.front());
  ChangeSet planned = planChanges(application, rendered, state);
  if (!planned.errors.empty()) return absl::FailedPreconditionError(planned.errors.front());
  const auto loosened = loosenedBy(application, planned.changes, rendered, state);
  if (!loosened.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("going back ", describeLoosened(loosened.front()),
                     "; revert it in Git, where those who guard that can approve it"));
  }
  api::Plan plan;
  plan.set_namespace_(application.metadata().namespace_());
  plan.set_application(application.metadata().name());
  *plan.mutable_revision() = target;
  plan.mutable_revision()->set_commit(absl::StrCat(target.commit(), " over ", headTreeHash));
  plan.mutable_revision()->set_rendered_hash(rendered.hash);
  *plan.mutable_base() = application.status().applied();
  plan.mutable_changes()->Assign(planned.changes.begin(), planned.changes.end());
  plan.set_cause(kCauseRollback);
  plan.set_digest(planDigest(plan));
  return plan;
}

std::string needsPerson(const schema::Application& application, const api::Plan& rollback) {
  const std::string why =
      overBudget(application, {rollback.changes().begin(), rollback.changes().end()});
  return why.empty()
             ? why
             : absl::StrCat("going back ", why, "; a person has to roll back (`gantry rollback ",
                            application.metadata().name(), "`)");
}

std::string revertMessage(const std::vector<gitsync::Commit>& reverted,
                          const api::HistoryEntry& target, const std::string& by,
                          const std::string& reason) {
  std::string subject = absl::StrCat("Go back to ", shortCommit(target.revision()));
  if (!reverted.empty()) {
    subject = absl::StrCat("Revert \"", reverted.front().subject, "\"");
    if (reverted.size() > 1) absl::StrAppend(&subject, " and ", reverted.size() - 1, " more");
  }
  std::string message = absl::StrCat(subject, "\n\n");
  for (const gitsync::Commit& commit : reverted) {
    absl::StrAppend(&message, "This reverts commit ", commit.id, ".\n");
  }
  absl::StrAppend(&message, "\nRolls ", target.application(), " back to ",
                  target.revision().commit(), " (", target.name(), ").\nReason: ", reason,
                  "\nAsked for by: ", by, "\n");
  return message;
}

schema::Revision revisionOf(const gitsync::Commit& commit, const std::string& treeHash) {
  schema::Revision revision;
  revision.set_commit(commit.id);
  revision.set_tree_hash(treeHash);
  revision.set_author(commit.authorName);
  revision.set_author_email(commit.authorEmail);
  revision.set_subject(commit.subject);
  revision.mutable_committed_at()->set_unix_ms(base::toUnixMs(commit.committedAt));
  return revision;
}

}  // namespace gantry::delivery
