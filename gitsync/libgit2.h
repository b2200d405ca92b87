// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <git2.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gitsync/git.h"

// What this folder's .cpp files share of libgit2: owned handles and errors. Never included by a
// header that others see.
namespace gantry::gitsync {

template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};

using RepositoryHandle = std::unique_ptr<git_repository, Freer<git_repository_free>>;
using CommitHandle = std::unique_ptr<git_commit, Freer<git_commit_free>>;
using TreeHandle = std::unique_ptr<git_tree, Freer<git_tree_free>>;
using TreeEntryHandle = std::unique_ptr<git_tree_entry, Freer<git_tree_entry_free>>;
using BlobHandle = std::unique_ptr<git_blob, Freer<git_blob_free>>;
using OdbHandle = std::unique_ptr<git_odb, Freer<git_odb_free>>;
using WalkHandle = std::unique_ptr<git_revwalk, Freer<git_revwalk_free>>;
using RemoteHandle = std::unique_ptr<git_remote, Freer<git_remote_free>>;
using NoteIteratorHandle = std::unique_ptr<git_note_iterator, Freer<git_note_iterator_free>>;
using NoteHandle = std::unique_ptr<git_note, Freer<git_note_free>>;
using ReferenceHandle = std::unique_ptr<git_reference, Freer<git_reference_free>>;
using SignatureHandle = std::unique_ptr<git_signature, Freer<git_signature_free>>;
using BuilderHandle = std::unique_ptr<git_treebuilder, Freer<git_treebuilder_free>>;

/// Bytes that libgit2 gave.
class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { git_buf_dispose(&buffer_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  git_buf* get() { return &buffer_; }
  std::string text() const { return {buffer_.ptr, buffer_.size}; }

 private:
  git_buf buffer_ = GIT_BUF_INIT;
};

/// The last error of libgit2 on this thread as a status, `what` in front. Called in the statement
/// after the failing call: libgit2 keeps its error text per thread.
absl::Status gitError(int result, std::string_view what);

/// Starts libgit2 once a process.
void startLibgit2();

std::string hex(const git_oid& id);

/// Errors: INVALID_ARGUMENT.
absl::StatusOr<git_oid> parseId(const std::string& text);

/// A repository of a person: the folder itself or its .git.
absl::StatusOr<RepositoryHandle> openRepository(const std::string& path);

absl::StatusOr<RepositoryHandle> openMirror(const std::string& mirror);

/// Error: NOT_FOUND.
absl::StatusOr<CommitHandle> findCommit(git_repository* repository, const std::string& id);

Commit describe(git_commit* commit);

/// The hash of a scope (normalised) at a commit: that of its folder's tree, or, of several folders,
/// one over all of theirs. Empty if the folder is not there.
absl::StatusOr<std::string> scopeHash(git_repository* repository, git_commit* commit,
                                      const Scope& scope);

/// The tree under `path` (normalised) of a commit; null if there is no folder of that name.
absl::StatusOr<TreeHandle> findTree(git_repository* repository, git_commit* commit,
                                    const std::string& path);

}  // namespace gantry::gitsync
