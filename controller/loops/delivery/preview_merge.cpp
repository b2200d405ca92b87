// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "controller/delivery/records.h"
#include "controller/delivery/rollback.h"
#include "controller/loops/delivery/impl.h"
#include "gitsync/revision.h"

namespace gantry::loops {
namespace {

constexpr std::size_t kShownConflicts = 10;

bool isBranch(const std::string& ref) {
  return ref.starts_with("refs/heads/");
}

bool isTag(const std::string& ref) {
  return ref.starts_with("refs/tags/");
}

std::string shortId(const gitsync::Commit& commit) {
  return commit.id.substr(0, 7);
}

/// As people read it.
std::string nameOf(const std::string& revision) {
  return gitsync::isCommitId(revision) ? revision.substr(0, 7) : revision;
}

std::string describe(const gitsync::Conflict& conflict, const std::string& merged,
                     const std::string& into) {
  using Kind = gitsync::Conflict::Kind;
  switch (conflict.kind) {
    case Kind::kBothChanged:
      return absl::StrCat(conflict.path, " (changed in both)");
    case Kind::kBothAdded:
      return absl::StrCat(conflict.path, " (added in both)");
    case Kind::kDeletedInMerged:
      return absl::StrCat(conflict.path, " (deleted in ", merged, ", changed in ", into, ")");
    case Kind::kDeletedInInto:
      return absl::StrCat(conflict.path, " (changed in ", merged, ", deleted in ", into, ")");
    case Kind::kMoved:
      break;
  }
  return absl::StrCat(conflict.path, " (moved)");
}

absl::Status conflictError(const std::string& merged, const std::string& into,
                           const gitsync::Commit& head,
                           const std::vector<gitsync::Conflict>& conflicts) {
  std::vector<std::string> files;
  for (const gitsync::Conflict& conflict : conflicts) {
    if (files.size() == kShownConflicts) break;
    files.push_back(describe(conflict, merged, into));
  }
  const std::size_t more = conflicts.size() - files.size();
  return absl::FailedPreconditionError(
      absl::StrCat(merged, " cannot be merged into ", into, " (", shortId(head), "): conflicts in ",
                   absl::StrJoin(files, ", "), more > 0 ? absl::StrCat(" and ", more, " more") : "",
                   "; merge ", into, " into ", merged, ", resolve them and push"));
}

}  // namespace

void DeliveryLoop::Impl::previewMerge(const model::Name& name, const std::string& revision,
                                      std::function<void(absl::StatusOr<Previewed>)> done) {
  auto job = std::make_shared<PreviewJob>();
  job->name = name;
  job->wantedName = nameOf(revision);
  const std::string followed = followers_.at(name).source.revision;
  job->intoName = nameOf(followed);
  job->done = std::move(done);
  if (historyEntry(name, revision) != nullptr) {
    return renderRevision(name, revision, [this, job](const auto& found) {
      if (!found.ok()) return job->done(found.status());
      std::tie(job->result.revision, job->result.set) = *found;
      job->commit = job->result.revision.commit();
      job->result.message = absl::StrCat(job->wantedName, " as it was applied before");
      describePreview(job);
    });
  }
  fetchFor(job, revision, [this, job, followed](gitsync::Fetched wanted) {
    job->wanted = std::move(wanted);
    job->commit = job->wanted.head.id;
    fetchFor(job, followed, [this, job](gitsync::Fetched into) {
      job->into = std::move(into);
      mergeWanted(job);
    });
  });
}

void DeliveryLoop::Impl::fetchFor(const std::shared_ptr<PreviewJob>& job,
                                  const std::string& revision,
                                  std::function<void(gitsync::Fetched)> use) {
  const Follower& follower = followers_.at(job->name);
  git_.fetch(follower.source.repository, revision, {follower.source.path, follower.bases},
             ifFollowed<gitsync::Fetched>(job->name, job->done,
                                          [job, use](absl::StatusOr<gitsync::Fetched> fetched) {
                                            if (!fetched.ok()) return job->done(fetched.status());
                                            use(*std::move(fetched));
                                          }));
}

void DeliveryLoop::Impl::mergeWanted(const std::shared_ptr<PreviewJob>& job) {
  if (!job->wanted.ref.empty() && job->wanted.ref == job->into.ref) {
    job->result.message = absl::StrCat(job->wantedName, " is what the Application follows");
    return renderPreview(job);
  }
  if (!isBranch(job->into.ref)) {
    job->result.message = absl::StrCat(job->wantedName, " as it is: the Application follows ",
                                       job->intoName, ", which nothing is merged into");
    return renderPreview(job);
  }
  git_.merge(followers_.at(job->name).source.repository, job->wanted.head.id, job->into.head.id,
             ifFollowed<gitsync::Merged>(
                 job->name, job->done, [this, job](const absl::StatusOr<gitsync::Merged>& merged) {
                   if (merged.ok()) return useMerged(job, *merged);
                   job->done(base::annotate(
                       merged.status(),
                       absl::StrCat(job->wantedName, " cannot be merged into ", job->intoName)));
                 }));
}

void DeliveryLoop::Impl::useMerged(const std::shared_ptr<PreviewJob>& job,
                                   const gitsync::Merged& merged) {
  if (!merged.conflicts.empty()) {
    return job->done(
        conflictError(job->wantedName, job->intoName, job->into.head, merged.conflicts));
  }
  const std::string into = absl::StrCat(job->intoName, " (", shortId(job->into.head), ")");
  if (merged.commit != job->into.head.id) {
    const bool forward = merged.commit == job->wanted.head.id;
    job->how = forward ? PreviewJob::How::kFastForward : PreviewJob::How::kMerge;
    job->commit = merged.commit;
    job->result.preview = forward ? "fast-forward" : "merge";
    job->result.message =
        absl::StrCat(job->wantedName, " merged into ", into, forward ? ", a fast-forward" : "");
    return renderPreview(job);
  }
  // Who names an older commit wants it back; a branch that is merged has nothing more to say.
  if (job->wanted.ref.empty() || isTag(job->wanted.ref)) {
    job->result.message =
        absl::StrCat(job->wantedName, " as it is, not merged: it is in the history of ", into);
    return renderPreview(job);
  }
  job->result.preview = "merged-already";
  job->result.message = absl::StrCat("nothing to merge: ", into, " holds all of ", job->wantedName);
  job->result.revision = delivery::revisionOf(job->wanted.head, "");
  job->result.revision.set_head(job->wanted.head.id);
  job->done(std::move(job->result));
}

void DeliveryLoop::Impl::renderPreview(const std::shared_ptr<PreviewJob>& job) {
  const auto use = [this, job](absl::StatusOr<Loaded> loaded) {
    if (!followers_.contains(job->name)) {
      return job->done(absl::NotFoundError("the Application was deleted"));
    }
    if (absl::IsNotFound(loaded.status())) {
      return job->done(absl::NotFoundError(absl::StrCat(
          "the folder ", followers_.at(job->name).source.path,
          " of the Application does not exist in ", job->wantedName,
          job->how == PreviewJob::How::kMerge ? " merged into " + job->intoName : "")));
    }
    if (!loaded.ok()) return job->done(loaded.status());
    if (!loaded->set->ok()) return job->done(wrongManifests(*loaded->set));
    const bool merges = job->how == PreviewJob::How::kMerge;
    schema::Revision& revision = job->result.revision;
    revision =
        delivery::revisionOf(merges ? job->wanted.head : job->wanted.lastChange, loaded->treeHash);
    revision.set_head(job->wanted.head.id);
    revision.set_rendered_hash(loaded->set->hash);
    job->result.set = std::move(loaded->set);
    describePreview(job);
  };
  readAll(job->name, job->commit, followers_.at(job->name).bases, kMostReadings, use);
}

// Those of the branch first; then those that come with them, since they are not applied yet.
void DeliveryLoop::Impl::describePreview(const std::shared_ptr<PreviewJob>& job) {
  const auto end = [job] { job->done(std::move(job->result)); };
  const model::Ptr<schema::Application> application = find(job->name);
  if (application == nullptr) return end();
  const schema::Revision& applied = application->status().applied();
  if (job->how == PreviewJob::How::kAsItIs) {
    return addCommits(job, job->commit, applied.commit(), end);
  }
  const bool isLive = applied.tree_hash() == job->into.treeHash;
  addCommits(job, job->commit, job->into.head.id,
             [this, job, until = isLive ? "" : applied.commit(), end] {
               // Of a merge, the commit that was made to look at it.
               std::vector<schema::Revision>& commits = job->result.commits;
               std::erase_if(commits, [&](const schema::Revision& each) {
                 return job->how == PreviewJob::How::kMerge && each.commit() == job->commit;
               });
               addCommits(job, job->into.head.id, until, [job, own = commits.size(), end] {
                 if (const std::size_t more = job->result.commits.size() - own; more > 0) {
                   absl::StrAppend(&job->result.message, "; with ", more,
                                   more == 1 ? " commit of " : " commits of ", job->intoName,
                                   more == 1 ? " that is" : " that are", " not applied yet");
                 }
                 end();
               });
             });
}

void DeliveryLoop::Impl::addCommits(const std::shared_ptr<PreviewJob>& job,
                                    const std::string& commit, const std::string& until,
                                    std::function<void()> next) {
  if (until.empty()) return next();
  const Follower& follower = followers_.at(job->name);
  git_.log(follower.source.repository, commit, until, {follower.source.path, follower.bases},
           delivery::kMostCommits + 1,
           ifFollowed<std::vector<gitsync::Commit>>(
               job->name, job->done,
               [job, next](const absl::StatusOr<std::vector<gitsync::Commit>>& log) {
                 if (!log.ok()) return next();
                 for (const gitsync::Commit& each : *log) {
                   job->result.commits.push_back(delivery::revisionOf(each, ""));
                 }
                 next();
               }));
}

}  // namespace gantry::loops
