// SPDX-License-Identifier: Apache-2.0
#include "gitsync/write_commit.h"

#include "base/status.h"
#include "gitsync/ssh_signature.h"

namespace gantry::gitsync {

absl::StatusOr<git_oid> writeCommit(git_repository* repository, const NewCommit& commit) {
  git_tree* looked = nullptr;
  if (const int result = git_tree_lookup(&looked, repository, &commit.tree); result != 0) {
    return gitError(result, "the tree of a new commit");
  }
  const TreeHandle tree(looked);
  std::vector<const git_commit*> parents = commit.parents;
  Buffer text;
  if (const int result = git_commit_create_buffer(text.get(), repository, commit.author,
                                                  commit.author, "UTF-8", commit.message.c_str(),
                                                  tree.get(), parents.size(), parents.data());
      result != 0) {
    return gitError(result, "a commit cannot be written");
  }
  std::string signature;
  if (!commit.signingKeyFile.empty()) {
    GANTRY_ASSIGN_OR_RETURN(signature, signBySsh(text.text(), commit.signingKeyFile));
  }
  git_oid written;
  if (const int result = git_commit_create_with_signature(
          &written, repository, text.text().c_str(),
          signature.empty() ? nullptr : signature.c_str(), nullptr);
      result != 0) {
    return gitError(result, "a commit cannot be written");
  }
  return written;
}

}  // namespace gantry::gitsync
