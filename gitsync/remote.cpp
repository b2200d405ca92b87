// SPDX-License-Identifier: Apache-2.0
#include "gitsync/remote.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "gitsync/append_notes.h"
#include "gitsync/git_program.h"
#include "gitsync/libgit2.h"
#include "gitsync/merge.h"
#include "gitsync/mirror.h"
#include "gitsync/restore.h"
#include "gitsync/revision.h"
#include "gitsync/verify.h"
#include "gitsync/write_commit.h"

namespace gantry::gitsync {
namespace {

constexpr std::string_view kBranches = "refs/heads/";

/// What a revision turned out to be.
struct Found {
  /// Empty: a commit.
  std::string ref;
  git_oid commit;
};

/// Brings a commit that no ref needs to name: everything that is advertised, in which it must be.
absl::StatusOr<Found> fetchCommit(git_repository* repository, const GitProgram& git,
                                  const std::string& id) {
  if (!findCommit(repository, id).ok()) {
    GANTRY_RETURN_IF_ERROR(git.fetch(
        "+refs/heads/*:refs/gantry/all/heads/* +refs/tags/*:refs/gantry/all/tags/*", true));
  }
  GANTRY_ASSIGN_OR_RETURN(const git_oid oid, parseId(id));
  if (const auto commit = findCommit(repository, id); !commit.ok()) {
    return absl::NotFoundError(absl::StrCat("there is no commit ", id, " in any branch or tag"));
  }
  return Found{"", oid};
}

/// Brings a revision's commit to the mirror, unless it is there already.
absl::StatusOr<Found> fetchRevision(git_repository* repository, const GitProgram& git,
                                    const std::string& revision) {
  if (isCommitId(revision)) return fetchCommit(repository, git, revision);
  GANTRY_ASSIGN_OR_RETURN(const std::vector<AdvertisedRef> refs, git.listRefs(isRefName(revision)));
  GANTRY_ASSIGN_OR_RETURN(const AdvertisedRef wanted, resolveRevision(revision, refs));
  const std::string local = mirrorRef(wanted.name);
  git_oid known;
  if (git_reference_name_to_id(&known, repository, local.c_str()) != 0 || hex(known) != wanted.id) {
    GANTRY_RETURN_IF_ERROR(git.fetch(absl::StrCat("+", wanted.name, ":", local)));
  }
  GANTRY_ASSIGN_OR_RETURN(const git_oid commit, commitOfRef(repository, local));
  return Found{wanted.name, commit};
}

absl::StatusOr<child::Response> fetch(const child::Request& request) {
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openOrInitMirror(request.mirror()));
  GANTRY_ASSIGN_OR_RETURN(const GitProgram git, GitProgram::make(request));
  GANTRY_ASSIGN_OR_RETURN(const Found found,
                          fetchRevision(repository.get(), git, request.revision()));
  child::Response response;
  response.set_commit(hex(found.commit));
  response.set_ref(found.ref);
  return response;
}

absl::StatusOr<git_oid> writeRevert(git_repository* repository, git_commit* parent,
                                    const git_oid& tree, const child::Revert& revert) {
  git_signature* made = nullptr;
  if (const int result =
          git_signature_now(&made, revert.author_name().c_str(), revert.author_email().c_str());
      result != 0) {
    return gitError(result, "the author of the revert commit");
  }
  const SignatureHandle author(made);
  return writeCommit(repository,
                     {author.get(), revert.message(), tree, {parent}, revert.signing_key_file()});
}

absl::Status notABranch(const std::string& revision, const std::string& ref) {
  return absl::FailedPreconditionError(absl::StrCat(
      "\"", revision, "\" is ", ref.empty() ? "a commit" : ref,
      ", not a branch, and nothing can be pushed to it; follow another revision instead"));
}

absl::StatusOr<child::Response> revert(const child::Request& request) {
  const child::Revert& wanted = request.revert();
  if (isCommitId(request.revision())) return notABranch(request.revision(), "");
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openOrInitMirror(request.mirror()));
  GANTRY_ASSIGN_OR_RETURN(const GitProgram git, GitProgram::make(request));
  GANTRY_ASSIGN_OR_RETURN(const Found branch,
                          fetchRevision(repository.get(), git, request.revision()));
  if (!branch.ref.starts_with(kBranches)) return notABranch(request.revision(), branch.ref);
  const std::string headId = hex(branch.commit);
  child::Response response;
  response.set_ref(branch.ref);
  response.set_commit(headId);
  GANTRY_ASSIGN_OR_RETURN(const CommitHandle head, findCommit(repository.get(), headId));
  GANTRY_ASSIGN_OR_RETURN(const CommitHandle target,
                          findCommit(repository.get(), wanted.restore_commit()));
  const Scope scope(wanted.path(), {wanted.more().begin(), wanted.more().end()});
  GANTRY_ASSIGN_OR_RETURN(const std::string nowHash,
                          scopeHash(repository.get(), head.get(), scope));
  GANTRY_ASSIGN_OR_RETURN(const std::string restoredHash,
                          scopeHash(repository.get(), target.get(), scope));
  if (restoredHash.empty()) {
    return absl::NotFoundError(absl::StrCat("commit ", wanted.restore_commit().substr(0, 7),
                                            " has no folder \"", wanted.path(), "\""));
  }
  // Asked for once more after an answer got lost: it is done.
  if (nowHash == restoredHash) return response;
  if (nowHash != wanted.expected_tree_hash()) {
    return absl::AbortedError(absl::StrCat(
        "somebody pushed to ", request.revision(), " in between (now ", headId.substr(0, 7),
        "); nothing was written: look at the new state, then roll back again"));
  }
  GANTRY_ASSIGN_OR_RETURN(const git_oid tree,
                          restoredTree(repository.get(), head.get(), target.get(), scope));
  GANTRY_ASSIGN_OR_RETURN(const git_oid commit,
                          writeRevert(repository.get(), head.get(), tree, wanted));
  GANTRY_RETURN_IF_ERROR(git.push(hex(commit), branch.ref));
  GANTRY_RETURN_IF_ERROR(setRef(repository.get(), mirrorRef(branch.ref), commit));
  response.set_commit(hex(commit));
  return response;
}

}  // namespace

absl::StatusOr<child::Response> runRequest(const child::Request& request) {
  startLibgit2();
  // Large repositories are mapped in windows, so that the memory limit is not theirs to reach.
  git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, std::size_t{256} << 20);
  switch (request.operation_case()) {
    case child::Request::kFetch:
      return fetch(request);
    case child::Request::kRevert:
      return revert(request);
    case child::Request::kVerify:
      return verifyCommits(request);
    case child::Request::kAppendNotes:
      return appendNotes(request);
    case child::Request::kFetchNotes:
      return fetchNotes(request);
    case child::Request::kMerge:
      return mergeCommits(request);
    case child::Request::OPERATION_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("the request asks for nothing");
}

}  // namespace gantry::gitsync
