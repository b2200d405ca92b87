// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "controller/delivery/records.h"
#include "controller/delivery/rollback.h"
#include "controller/loops/delivery/impl.h"
#include "gitsync/revision.h"

namespace gantry::loops {
namespace {

/// How often an Application is planned again although nothing seems to have changed.
constexpr base::Duration kReplanInterval(600'000);

std::string renderMessage(const manifests::RenderedSet& set) {
  std::string first;
  int more = -1;
  for (const manifests::Diagnostic& diagnostic : set.diagnostics) {
    if (diagnostic.severity != manifests::Diagnostic::Severity::kError) continue;
    if (++more == 0) first = diagnostic.toString();
  }
  return more <= 0 ? first : absl::StrCat(first, " (and ", more, " more)");
}

}  // namespace

void DeliveryLoop::Impl::beginFetch(const model::Name& name) {
  Follower& follower = followers_.at(name);
  if (follower.busy) {
    follower.again = true;
    return;
  }
  follower.busy = true;
  if (follower.poll != 0) executor_.cancel(std::exchange(follower.poll, 0));
  std::ranges::move(follower.waiting, std::back_inserter(follower.served));
  follower.waiting.clear();
  follower.asked = revisionToFetch(name);
  git_.fetch(follower.source.repository, follower.asked, {follower.source.path, follower.bases},
             whileFollowed<absl::StatusOr<gitsync::Fetched>>(
                 name, [this, name](absl::StatusOr<gitsync::Fetched> result) {
                   fetched(name, std::move(result));
                 }));
}

void DeliveryLoop::Impl::fetchAnew(const model::Name& name) {
  Follower& follower = followers_.at(name);
  std::ranges::move(follower.served, std::back_inserter(follower.waiting));
  follower.served.clear();
  follower.busy = false;
  beginFetch(name);
}

std::string DeliveryLoop::Impl::revisionToFetch(const model::Name& name) const {
  const Follower& follower = followers_.at(name);
  const model::Ptr<schema::Application> application = find(name);
  // A revert commit is seen on the branch, which a promotion may be far behind of.
  const bool onBranch = application == nullptr || application->status().has_rollback();
  return onBranch || follower.promoted.empty() ? follower.source.revision : follower.promoted;
}

bool DeliveryLoop::Impl::followsNoBranch(const Follower& follower) {
  if (gitsync::isCommitId(follower.source.revision)) return true;
  return follower.asked == follower.source.revision && !follower.ref.empty() &&
         !follower.ref.starts_with("refs/heads/");
}

void DeliveryLoop::Impl::hint(const webhooks::PushHint& hint) {
  for (const auto& [name, follower] : followers_) {
    const delivery::Source& source = follower.source;
    if (webhooks::concerns(hint, source.repository.url, source.revision)) beginFetch(name);
  }
}

void DeliveryLoop::Impl::pollAfter(const model::Name& name, base::Duration delay) {
  Follower& follower = followers_.at(name);
  if (follower.poll != 0) executor_.cancel(follower.poll);
  follower.pollAt = executor_.now() + delay;
  follower.poll = executor_.postAfter(delay, [this, alive = alive_, name] {
    if (!*alive) return;
    const auto found = followers_.find(name);
    if (found == followers_.end()) return;
    found->second.poll = 0;
    poll(name);
  });
}

void DeliveryLoop::Impl::poll(const model::Name& name) {
  const gitsync::Repository repository = followers_.at(name).source.repository;
  const std::string revision = revisionToFetch(name);
  beginFetch(name);
  // Who would soon ask the same is answered by this one: Git answers all of a moment at once.
  for (const auto& [other, follower] : followers_) {
    const model::Ptr<schema::Application> application = find(other);
    if (follower.poll == 0 || application == nullptr || follower.source.repository != repository ||
        revisionToFetch(other) != revision) {
      continue;
    }
    const base::Duration interval = delivery::pollIntervalOf(*application, options_.pollInterval);
    if (follower.pollAt - executor_.now() <= interval / 2) beginFetch(other);
  }
}

void DeliveryLoop::Impl::fetched(const model::Name& name, absl::StatusOr<gitsync::Fetched> result) {
  if (!result.ok()) return fetchFailed(name, result.status());
  Follower& follower = followers_.at(name);
  follower.lastFetch = executor_.wallNow();
  if (result->treeHash.empty()) {
    return fetchFailed(name, absl::FailedPreconditionError(absl::StrCat(
                                 "the folder ", follower.source.path, " does not exist on ",
                                 follower.source.revision, " at ", result->head.id.substr(0, 8),
                                 ": nothing is deleted")));
  }
  follower.backoff.reset();
  follower.loading.clear();
  setSourceProblem(name, "");
  if (waitsForPromotion(name)) return endRound(name, absl::OkStatus());
  // What is to be looked at has changed meanwhile: the branch is not what a promotion may take.
  if (follower.asked != revisionToFetch(name)) return fetchAnew(name);
  follower.ref = result->ref;
  schema::Revision now = delivery::revisionOf(result->lastChange, result->treeHash);
  now.set_head(result->head.id);
  if (follower.sets.contains(now.tree_hash())) {
    observed(name, result->head, now);
    return describe(name, absl::OkStatus());
  }
  readAll(name, result->head.id, follower.bases, kMostReadings,
          [this, name, now, head = result->head,
           epoch = follower.epoch](absl::StatusOr<Loaded> loaded) {
            if (epochOf(name) != epoch) return;
            Follower& current = followers_.at(name);
            if (!loaded.ok()) {
              observed(name, head, now);
              return fetchFailed(name, loaded.status());
            }
            current.sets[loaded->treeHash] = loaded->set;
            if (loaded->bases == current.bases) {
              observed(name, head, now);
              return describe(name, absl::OkStatus());
            }
            // It is made of other folders than those that were asked for: which commit changed them
            // last is to be asked anew.
            current.bases = std::move(loaded->bases);
            fetchAnew(name);
          });
}

void DeliveryLoop::Impl::observed(const model::Name& name, const gitsync::Commit& head,
                                  const schema::Revision& now) {
  Follower& follower = followers_.at(name);
  const model::Ptr<schema::Application> application = find(name);
  const schema::Revision before =
      follower.observed ? *follower.observed
                        : (application == nullptr ? now : application->status().observed());
  if (before.commit() != now.commit() || before.tree_hash() != now.tree_hash()) {
    follower.replan = true;
    if (!before.commit().empty()) tellIfRewritten(name, before.commit(), head.id);
  }
  follower.observed = now;
  follower.isOnBranch = follower.asked == follower.source.revision;
  std::erase_if(follower.sets, [&](const auto& entry) {
    if (entry.first == now.tree_hash()) return false;
    if (application == nullptr) return true;
    const schema::ApplicationStatus& status = application->status();
    const auto running = delivery::applyingPlan(state(), name);
    if (running != nullptr && entry.first == running->revision().tree_hash()) return false;
    return entry.first != status.applied().tree_hash() &&
           entry.first != status.rollback().target().tree_hash();
  });
}

bool DeliveryLoop::Impl::waitsForPromotion(const model::Name& name) const {
  const model::Ptr<schema::Application> application = find(name);
  return application != nullptr && application->spec().has_promotion() &&
         !application->status().has_rollback() && followers_.at(name).promoted.empty();
}

void DeliveryLoop::Impl::fetchFailed(const model::Name& name, const absl::Status& status) {
  setSourceProblem(name, std::string(status.message()));
  Follower& follower = followers_.at(name);
  const model::Ptr<schema::Application> application = find(name);
  const bool knownBefore =
      application != nullptr && !application->status().observed().commit().empty();
  if (follower.observed || !knownBefore) return endRound(name, status);
  // After a restart without Git: what was read before is still in the clone.
  const schema::Revision last = application->status().observed();
  load(name, last.commit(), last.tree_hash(),
       [this, name, last, status, epoch = follower.epoch](const absl::StatusOr<Rendered>& set) {
         if (epochOf(name) != epoch) return;
         if (!set.ok()) return endRound(name, status);
         Follower& current = followers_.at(name);
         current.observed = last;
         current.isOnBranch = last.head() != current.promoted;
         current.replan = true;
         describe(name, status);
       });
}

void DeliveryLoop::Impl::setSourceProblem(const model::Name& name, std::string problem) {
  Follower& follower = followers_.at(name);
  if (follower.sourceProblem == problem) return;
  const model::Ptr<schema::Application> application = find(name);
  if (!problem.empty() && application != nullptr) {
    tellAbout(*application, true, "SourceFailed", problem);
  }
  follower.sourceProblem = std::move(problem);
}

void DeliveryLoop::Impl::tellIfRewritten(const model::Name& name, const std::string& before,
                                         const std::string& head) {
  const Follower& follower = followers_.at(name);
  const auto tell = [this, name, before](const absl::StatusOr<std::vector<gitsync::Commit>>& log) {
    const model::Ptr<schema::Application> application = find(name);
    if (application == nullptr || !log.ok() || log->empty()) return;
    tellAbout(
        *application, true, "HistoryRewritten",
        absl::StrCat("the branch was pushed by force: it no longer holds ", before.substr(0, 8)));
  };
  git_.log(follower.source.repository, before, head, follower.source.path, 1,
           whileFollowed<absl::StatusOr<std::vector<gitsync::Commit>>>(name, tell));
}

void DeliveryLoop::Impl::endRound(const model::Name& name, const absl::Status& status) {
  Follower& follower = followers_.at(name);
  const std::uint64_t epoch = follower.epoch;
  follower.busy = false;
  if (follower.observed) {
    const auto set = follower.sets.find(follower.observed->tree_hash());
    std::string problem =
        set == follower.sets.end() || set->second->ok() ? "" : renderMessage(*set->second);
    if (follower.renderProblem != problem) {
      follower.replan = true;
      const model::Ptr<schema::Application> application = find(name);
      if (!problem.empty() && application != nullptr) {
        tellAbout(*application, true, "RenderFailed", problem);
      }
      follower.renderProblem = std::move(problem);
    }
  }
  const model::Ptr<schema::Application> followed = find(name);
  const bool waits = followed != nullptr && !followed->status().pending_plan().empty();
  follower.replan |= executor_.now() - follower.plannedAt >=
                     (waits ? std::min(effectAge(), kReplanInterval) : kReplanInterval);
  serve(name, status);
  // The Application may be gone by now, or read from elsewhere.
  if (epochOf(name) != epoch) return;
  continueRollback(name, status);
  if (epochOf(name) != epoch) return;
  exportNotes(name);
  scheduleNext(name, status);
}

void DeliveryLoop::Impl::serve(const model::Name& name, const absl::Status& status) {
  Follower& follower = followers_.at(name);
  const std::vector<SyncWaiter> served = std::exchange(follower.served, {});
  absl::Status failed = status;
  if (status.ok() && !follower.renderProblem.value_or("").empty()) {
    failed = absl::InvalidArgumentError(*follower.renderProblem);
  }
  if (served.empty() || !failed.ok()) {
    if (!step(name)) queue_.mark(name);
    for (const SyncWaiter& waiter : served) waiter.done(failed);
    return;
  }
  // Each for itself: one may override what another only asks for.
  for (const SyncWaiter& waiter : served) waiter.done(askedStep(name, waiter.wish));
}

absl::StatusOr<api::SyncResponse> DeliveryLoop::Impl::askedStep(const model::Name& name,
                                                                const delivery::SyncWish& wish) {
  // A repair of drift comes first and is a step of its own.
  for (int tries = 0; tries < 3; ++tries) {
    auto found = followers_.find(name);
    if (found == followers_.end()) break;
    found->second.answer.reset();
    const bool committed = step(name, wish);
    if (!committed) queue_.mark(name);
    found = followers_.find(name);
    if (found == followers_.end()) return absl::NotFoundError("the Application was deleted");
    if (found->second.answer) return *found->second.answer;
  }
  if (!followers_.contains(name)) return absl::NotFoundError("the Application was deleted");
  return absl::AbortedError("what runs is being changed by others all the time; try again");
}

void DeliveryLoop::Impl::scheduleNext(const model::Name& name, const absl::Status& status) {
  Follower& follower = followers_.at(name);
  if (follower.busy) return;
  if (std::exchange(follower.again, false) || !follower.waiting.empty()) return beginFetch(name);
  const model::Ptr<schema::Application> application = find(name);
  if (application == nullptr) return;
  if (base::isRetryable(status) || application->status().has_rollback()) {
    return pollAfter(name, base::jitter(executor_, follower.backoff.next(), 0.2));
  }
  const base::Duration interval = delivery::pollIntervalOf(*application, options_.pollInterval);
  pollAfter(name, base::jitter(executor_, interval, 0.2));
}

}  // namespace gantry::loops
