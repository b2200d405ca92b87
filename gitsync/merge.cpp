// SPDX-License-Identifier: Apache-2.0
#include "gitsync/merge.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "gitsync/libgit2.h"
#include "gitsync/mirror.h"

namespace gantry::gitsync {
namespace {

/// More than anybody reads.
constexpr int kMostConflicts = 1'000;

using IndexHandle = std::unique_ptr<git_index, Freer<git_index_free>>;
using ConflictIterator =
    std::unique_ptr<git_index_conflict_iterator, Freer<git_index_conflict_iterator_free>>;

child::Conflict::Kind kindOf(const git_index_entry* ancestor, const git_index_entry* into,
                             const git_index_entry* merged) {
  if (into != nullptr && merged != nullptr) {
    return ancestor != nullptr ? child::Conflict::BOTH_CHANGED : child::Conflict::BOTH_ADDED;
  }
  if (ancestor != nullptr && into != nullptr) return child::Conflict::DELETED_IN_MERGED;
  if (ancestor != nullptr && merged != nullptr) return child::Conflict::DELETED_IN_INTO;
  return child::Conflict::MOVED;
}

absl::Status addConflicts(git_index* index, child::Response& response) {
  git_index_conflict_iterator* created = nullptr;
  if (const int result = git_index_conflict_iterator_new(&created, index); result != 0) {
    return gitError(result, "the conflicts cannot be listed");
  }
  const ConflictIterator iterator(created);
  const git_index_entry* ancestor = nullptr;
  const git_index_entry* into = nullptr;
  const git_index_entry* merged = nullptr;
  while (response.conflicts_size() < kMostConflicts &&
         git_index_conflict_next(&ancestor, &into, &merged, iterator.get()) == 0) {
    child::Conflict& conflict = *response.add_conflicts();
    conflict.set_kind(kindOf(ancestor, into, merged));
    const git_index_entry* named = into != nullptr ? into : merged;
    conflict.set_path((named != nullptr ? named : ancestor)->path);
  }
  return absl::OkStatus();
}

/// The same two commits make the same one, whenever they are merged: nothing of it is of this
/// moment.
absl::StatusOr<git_oid> writeMerge(git_repository* repository, git_index* index, git_commit* into,
                                   git_commit* merged) {
  git_oid treeId;
  if (const int result = git_index_write_tree_to(&treeId, index, repository); result != 0) {
    return gitError(result, "the merged tree cannot be written");
  }
  git_tree* looked = nullptr;
  if (const int result = git_tree_lookup(&looked, repository, &treeId); result != 0) {
    return gitError(result, "the merged tree");
  }
  const TreeHandle tree(looked);
  git_signature* made = nullptr;
  const git_time_t time = std::max(git_commit_time(into), git_commit_time(merged));
  if (const int result = git_signature_new(&made, "Gantry", "gantry@localhost", time, 0);
      result != 0) {
    return gitError(result, "the author of the merge commit");
  }
  const SignatureHandle author(made);
  const git_commit* parents[] = {into, merged};
  git_oid commit;
  if (const int result =
          git_commit_create(&commit, repository, nullptr, author.get(), author.get(), "UTF-8",
                            "Merge to be looked at\n", tree.get(), 2, parents);
      result != 0) {
    return gitError(result, "the merge commit cannot be written");
  }
  return commit;
}

}  // namespace

absl::StatusOr<child::Response> mergeCommits(const child::Request& request) {
  const child::Merge& wanted = request.merge();
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openOrInitMirror(request.mirror()));
  GANTRY_ASSIGN_OR_RETURN(const CommitHandle into, findCommit(repository.get(), wanted.into()));
  GANTRY_ASSIGN_OR_RETURN(const CommitHandle merged, findCommit(repository.get(), wanted.commit()));
  const git_oid* intoId = git_commit_id(into.get());
  const git_oid* mergedId = git_commit_id(merged.get());
  git_oid base;
  if (const int result = git_merge_base(&base, repository.get(), intoId, mergedId); result != 0) {
    if (result != GIT_ENOTFOUND) return gitError(result, "the histories cannot be compared");
    return absl::FailedPreconditionError("the two have no commit in common");
  }
  child::Response response;
  if (git_oid_equal(&base, mergedId) != 0 || git_oid_equal(&base, intoId) != 0) {
    const bool isIn = git_oid_equal(&base, mergedId) != 0;
    response.set_commit(isIn ? wanted.into() : wanted.commit());
    return response;
  }
  git_index* created = nullptr;
  const git_merge_options options = GIT_MERGE_OPTIONS_INIT;
  if (const int result =
          git_merge_commits(&created, repository.get(), into.get(), merged.get(), &options);
      result != 0) {
    return gitError(result, "the commits cannot be merged");
  }
  const IndexHandle index(created);
  if (git_index_has_conflicts(index.get()) != 0) {
    GANTRY_RETURN_IF_ERROR(addConflicts(index.get(), response));
    return response;
  }
  GANTRY_ASSIGN_OR_RETURN(const git_oid commit,
                          writeMerge(repository.get(), index.get(), into.get(), merged.get()));
  response.set_commit(hex(commit));
  return response;
}

}  // namespace gantry::gitsync
