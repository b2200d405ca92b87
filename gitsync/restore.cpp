// SPDX-License-Identifier: Apache-2.0
#include "gitsync/restore.h"

#include <span>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/status.h"

namespace gantry::gitsync {
namespace {

/// `tree` with the entry at `segments` replaced by `replacement` (null: removed).
absl::StatusOr<git_oid> withSubtree(git_repository* repository, const git_tree* tree,
                                    std::span<const std::string> segments,
                                    const git_tree* replacement) {
  git_treebuilder* created = nullptr;
  if (const int result = git_treebuilder_new(&created, repository, tree); result != 0) {
    return gitError(result, "a tree cannot be built");
  }
  const BuilderHandle builder(created);
  const char* name = segments.front().c_str();
  git_oid child;
  bool keep = replacement != nullptr;
  if (segments.size() == 1) {
    if (keep) child = *git_tree_id(replacement);
  } else {
    const git_tree_entry* entry = tree != nullptr ? git_tree_entry_byname(tree, name) : nullptr;
    git_tree* below = nullptr;
    if (entry != nullptr) git_tree_lookup(&below, repository, git_tree_entry_id(entry));
    const TreeHandle handle(below);
    GANTRY_ASSIGN_OR_RETURN(child,
                            withSubtree(repository, below, segments.subspan(1), replacement));
    keep = true;
  }
  const int changed =
      keep ? git_treebuilder_insert(nullptr, builder.get(), name, &child, GIT_FILEMODE_TREE)
           : git_treebuilder_remove(builder.get(), name);
  if (changed != 0) return gitError(changed, "a tree cannot be built");
  git_oid written;
  if (const int result = git_treebuilder_write(&written, builder.get()); result != 0) {
    return gitError(result, "a tree cannot be written");
  }
  return written;
}

/// The root tree with one path as it was at the commit to restore.
absl::StatusOr<git_oid> withRestored(git_repository* repository, const git_oid& rootId,
                                     git_commit* head, git_commit* target,
                                     const std::string& path) {
  GANTRY_ASSIGN_OR_RETURN(const TreeHandle restored, findTree(repository, target, path));
  if (!restored) {
    GANTRY_ASSIGN_OR_RETURN(const TreeHandle now, findTree(repository, head, path));
    if (!now) return rootId;
  }
  if (path.empty()) return *git_tree_id(restored.get());
  git_tree* looked = nullptr;
  if (const int result = git_tree_lookup(&looked, repository, &rootId); result != 0) {
    return gitError(result, "the branch's tree");
  }
  const TreeHandle root(looked);
  const std::vector<std::string> segments = absl::StrSplit(path, '/');
  return withSubtree(repository, root.get(), segments, restored.get());
}

}  // namespace

absl::StatusOr<git_oid> restoredTree(git_repository* repository, git_commit* head,
                                     git_commit* target, const Scope& scope) {
  git_oid root = *git_commit_tree_id(head);
  std::vector<std::string> paths = scope.more;
  paths.push_back(scope.path);
  for (const std::string& path : paths) {
    GANTRY_ASSIGN_OR_RETURN(root, withRestored(repository, root, head, target, path));
  }
  return root;
}

}  // namespace gantry::gitsync
