// SPDX-License-Identifier: Apache-2.0
#include "gitsync/libgit2.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status.h"

namespace gantry::gitsync {
namespace {

absl::StatusCode codeOf(int result, int klass) {
  switch (result) {
    case GIT_ENOTFOUND:
      return absl::StatusCode::kNotFound;
    case GIT_EINVALIDSPEC:
    case GIT_EAMBIGUOUS:
      return absl::StatusCode::kInvalidArgument;
    case GIT_ECERTIFICATE:
    case GIT_EAUTH:
      return absl::StatusCode::kPermissionDenied;
    case GIT_ENONFASTFORWARD:
    case GIT_EMODIFIED:
    case GIT_ELOCKED:
      return absl::StatusCode::kAborted;
    default:
      break;
  }
  if (klass == GIT_ERROR_SSL) return absl::StatusCode::kPermissionDenied;
  if (klass == GIT_ERROR_NOMEMORY) return absl::StatusCode::kResourceExhausted;
  return absl::StatusCode::kUnavailable;
}

std::string textOf(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace

absl::Status gitError(int result, std::string_view what) {
  const git_error* error = git_error_last();
  const std::string text = error != nullptr && error->message != nullptr ? error->message : "";
  absl::StatusCode code = codeOf(result, error != nullptr ? error->klass : GIT_ERROR_NONE);
  // What libgit2 tells in words only.
  if (absl::StrContains(text, "No space left")) code = absl::StatusCode::kResourceExhausted;
  if (absl::StrContains(text, "status code: 404")) code = absl::StatusCode::kNotFound;
  if (absl::StrContains(text, "status code: 403")) code = absl::StatusCode::kPermissionDenied;
  return absl::Status(code, absl::StrCat(std::string(what), text.empty() ? "" : ": ", text));
}

void startLibgit2() {
  static const bool started = [] {
    git_libgit2_init();
    // A folder of a thousand Applications is looked into a thousand times, but is larger than what
    // libgit2 would keep.
    git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE, std::size_t{1} << 20);
    return true;
  }();
  static_cast<void>(started);
}

std::string hex(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(text, sizeof text, &id);
}

absl::StatusOr<git_oid> parseId(const std::string& text) {
  git_oid id;
  if (text.size() != GIT_OID_HEXSZ || git_oid_fromstr(&id, text.c_str()) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not a commit id"));
  }
  return id;
}

absl::StatusOr<RepositoryHandle> openRepository(const std::string& path) {
  startLibgit2();
  git_repository* repository = nullptr;
  if (const int result = git_repository_open_ext(&repository, path.c_str(), 0, nullptr);
      result != 0) {
    return gitError(result, path);
  }
  return RepositoryHandle(repository);
}

absl::StatusOr<RepositoryHandle> openMirror(const std::string& mirror) {
  startLibgit2();
  git_repository* repository = nullptr;
  if (const int result = git_repository_open_bare(&repository, mirror.c_str()); result != 0) {
    return gitError(result, "the local mirror cannot be opened");
  }
  return RepositoryHandle(repository);
}

absl::StatusOr<CommitHandle> findCommit(git_repository* repository, const std::string& id) {
  GANTRY_ASSIGN_OR_RETURN(const git_oid oid, parseId(id));
  git_commit* commit = nullptr;
  if (const int result = git_commit_lookup(&commit, repository, &oid); result != 0) {
    return gitError(result, absl::StrCat("commit ", id));
  }
  return CommitHandle(commit);
}

Commit describe(git_commit* commit) {
  Commit result;
  result.id = hex(*git_commit_id(commit));
  for (unsigned i = 0; i < git_commit_parentcount(commit); ++i) {
    result.parents.push_back(hex(*git_commit_parent_id(commit, i)));
  }
  const git_signature* author = git_commit_author(commit);
  result.authorName = textOf(author->name);
  result.authorEmail = textOf(author->email);
  result.subject = textOf(git_commit_summary(commit));
  result.message = textOf(git_commit_message(commit));
  result.committedAt = base::fromUnixMs(git_commit_time(commit) * 1000);
  return result;
}

absl::StatusOr<std::string> scopeHash(git_repository* repository, git_commit* commit,
                                      const Scope& scope) {
  GANTRY_ASSIGN_OR_RETURN(const TreeHandle own, findTree(repository, commit, scope.path));
  if (!own) return std::string();
  std::string hash = hex(*git_tree_id(own.get()));
  if (scope.more.empty()) return hash;
  std::string all = hash;
  for (const std::string& path : scope.more) {
    GANTRY_ASSIGN_OR_RETURN(const TreeHandle tree, findTree(repository, commit, path));
    all += "\n" + path + "\n" + (tree ? hex(*git_tree_id(tree.get())) : "");
  }
  return base::sha256Hex(all).substr(0, hash.size());
}

absl::StatusOr<TreeHandle> findTree(git_repository* repository, git_commit* commit,
                                    const std::string& path) {
  git_tree* root = nullptr;
  if (const int result = git_commit_tree(&root, commit); result != 0) {
    return gitError(result, "the tree of a commit cannot be read");
  }
  TreeHandle tree(root);
  if (path.empty()) return tree;
  git_tree_entry* found = nullptr;
  const int result = git_tree_entry_bypath(&found, tree.get(), path.c_str());
  if (result == GIT_ENOTFOUND) return TreeHandle();
  if (result != 0) return gitError(result, path);
  const TreeEntryHandle entry(found);
  if (git_tree_entry_type(entry.get()) != GIT_OBJECT_TREE) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, git_tree_entry_filemode(entry.get()) == GIT_FILEMODE_LINK
                               ? " is a symlink; Gantry reads folders only"
                               : " is not a folder"));
  }
  git_tree* folder = nullptr;
  if (const int looked = git_tree_lookup(&folder, repository, git_tree_entry_id(entry.get()));
      looked != 0) {
    return gitError(looked, path);
  }
  return TreeHandle(folder);
}

}  // namespace gantry::gitsync
