// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "controller/delivery/records.h"
#include "controller/delivery/rollback.h"
#include "controller/loops/delivery_impl.h"

namespace gantry::loops {
namespace {

/// How often an Application is planned again although nothing seems to have changed.
constexpr base::Duration kReplanInterval(600'000);

/// A base may refer to another, and so on: how often a commit is read to find them all.
constexpr int kMostReadings = 16;

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
  git_.fetch(follower.source.repository, follower.source.branch,
             {follower.source.path, follower.bases},
             whileFollowed<absl::StatusOr<gitsync::Fetched>>(
                 name, [this, name](absl::StatusOr<gitsync::Fetched> result) {
                   fetched(name, std::move(result));
                 }));
}

void DeliveryLoop::Impl::hint(const webhooks::PushHint& hint) {
  for (const auto& [name, follower] : followers_) {
    const delivery::Source& source = follower.source;
    if (webhooks::concerns(hint, source.repository.url, source.branch)) beginFetch(name);
  }
}

void DeliveryLoop::Impl::pollAfter(const model::Name& name, base::Duration delay) {
  Follower& follower = followers_.at(name);
  if (follower.poll != 0) executor_.cancel(follower.poll);
  follower.poll = executor_.postAfter(delay, [this, alive = alive_, name] {
    if (!*alive) return;
    const auto found = followers_.find(name);
    if (found == followers_.end()) return;
    found->second.poll = 0;
    beginFetch(name);
  });
}

void DeliveryLoop::Impl::fetched(const model::Name& name, absl::StatusOr<gitsync::Fetched> result) {
  if (!result.ok()) return fetchFailed(name, result.status());
  Follower& follower = followers_.at(name);
  follower.lastFetch = executor_.wallNow();
  if (result->treeHash.empty()) {
    return fetchFailed(name, absl::FailedPreconditionError(absl::StrCat(
                                 "the folder ", follower.source.path, " does not exist on branch ",
                                 follower.source.branch, " at ", result->head.id.substr(0, 8),
                                 ": nothing is deleted")));
  }
  follower.backoff.reset();
  follower.loading.clear();
  setSourceProblem(name, "");
  const schema::Revision now = delivery::revisionOf(result->lastChange, result->treeHash);
  if (follower.sets.contains(now.tree_hash())) {
    observed(name, result->head, now);
    return endRound(name, absl::OkStatus());
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
              return endRound(name, absl::OkStatus());
            }
            // It is made of other folders than those that were asked for: which commit changed them
            // last is to be asked anew.
            current.bases = std::move(loaded->bases);
            std::ranges::move(current.served, std::back_inserter(current.waiting));
            current.served.clear();
            current.busy = false;
            beginFetch(name);
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
  std::erase_if(follower.sets, [&](const auto& entry) {
    return entry.first != now.tree_hash() &&
           (application == nullptr || entry.first != application->status().applied().tree_hash());
  });
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
         if (set.ok()) {
           followers_.at(name).observed = last;
           followers_.at(name).replan = true;
         }
         endRound(name, status);
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

void DeliveryLoop::Impl::load(const model::Name& name, const std::string& commit,
                              const std::string& treeHash,
                              std::function<void(absl::StatusOr<Rendered>)> done) {
  const Follower& follower = followers_.at(name);
  if (const auto known = follower.sets.find(treeHash); known != follower.sets.end()) {
    return done(known->second);
  }
  readAll(name, commit, follower.bases, kMostReadings,
          [this, name, treeHash, epoch = follower.epoch, done](absl::StatusOr<Loaded> loaded) {
            if (!loaded.ok()) return done(loaded.status());
            if (epochOf(name) != epoch) {
              return done(absl::AbortedError("the source of the Application was changed"));
            }
            if (loaded->treeHash != treeHash) {
              return done(absl::NotFoundError("the clone no longer holds the revision's tree"));
            }
            Follower& current = followers_.at(name);
            // After a restart without Git, this is all that says what is followed.
            if (!current.observed) current.bases = loaded->bases;
            current.sets[treeHash] = loaded->set;
            done(std::move(loaded->set));
          });
}

void DeliveryLoop::Impl::readAll(const model::Name& name, const std::string& commit,
                                 std::vector<std::string> bases, int tries,
                                 std::function<void(absl::StatusOr<Loaded>)> done) {
  const delivery::Source source = followers_.at(name).source;
  const auto readAgain = [this, name, commit, bases, tries, done, epoch = epochOf(name)](
                             const std::string& treeHash, Rendered set) {
    std::vector<std::string> wanted(set->folders.begin(), set->folders.end());
    if (wanted == bases) return done(Loaded{treeHash, std::move(wanted), std::move(set)});
    if (epochOf(name) != epoch) {
      return done(absl::AbortedError("the source of the Application was changed"));
    }
    if (tries == 0) {
      return done(absl::FailedPreconditionError(
          "the bases of the kustomization refer to ever more folders; flatten them"));
    }
    readAll(name, commit, std::move(wanted), tries - 1, done);
  };
  git_.readFolder(source.repository, commit, {source.path, bases}, {},
                  whileAlive<absl::StatusOr<gitsync::Folder>>(
                      [this, source, done, readAgain](absl::StatusOr<gitsync::Folder> folder) {
                        if (!folder.ok()) return done(folder.status());
                        const std::string treeHash = folder->treeHash;
                        render(source, *std::move(folder), [treeHash, readAgain](Rendered set) {
                          readAgain(treeHash, std::move(set));
                        });
                      }));
}

void DeliveryLoop::Impl::render(const delivery::Source& source, gitsync::Folder folder,
                                std::function<void(Rendered)> done) {
  struct Job {
    std::vector<manifests::SourceFile> files;
    manifests::RenderOptions options;
    manifests::RenderedSet result;
  };
  auto job = std::make_shared<Job>();
  job->options.folder = source.path;
  job->options.defaultNamespace = source.defaultNamespace;
  job->options.keys = options_.sopsKeys;
  for (gitsync::File& file : folder.files) {
    job->files.push_back({std::move(file.path), std::move(file.content)});
  }
  workers_.run([job] { job->result = manifests::render(job->files, job->options); },
               [alive = alive_, job, done = std::move(done)] {
                 if (!*alive) return;
                 done(std::make_shared<const manifests::RenderedSet>(std::move(job->result)));
               });
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
  follower.replan |= executor_.now() - follower.plannedAt >= kReplanInterval;
  serve(name, status);
  // The Application may be gone by now, or read from elsewhere.
  if (epochOf(name) != epoch) return;
  continueRollback(name, status);
  if (epochOf(name) == epoch) scheduleNext(name, status);
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
  const absl::StatusOr<api::SyncResponse> answer = askedStep(name, served.front().wish);
  for (const SyncWaiter& waiter : served) waiter.done(answer);
}

absl::StatusOr<api::SyncResponse> DeliveryLoop::Impl::askedStep(const model::Name& name,
                                                                const delivery::SyncWish& wish) {
  // A repair of drift comes first and is a step of its own.
  for (int tries = 0; tries < 3; ++tries) {
    followers_.at(name).answer.reset();
    const bool committed = step(name, wish);
    if (!committed) queue_.mark(name);
    const auto found = followers_.find(name);
    if (found == followers_.end()) return absl::NotFoundError("the Application was deleted");
    if (found->second.answer) return *found->second.answer;
  }
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
