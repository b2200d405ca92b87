// SPDX-License-Identifier: Apache-2.0
#include "gitsync/objects.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "gitsync/libgit2.h"

namespace gantry::gitsync {
namespace {

/// A commit of the history, as the scope sees it.
struct Step {
  std::string own;
  std::vector<git_oid> parents;
  std::vector<std::string> theirs;

  bool isRoot() const { return parents.empty(); }
  /// Whether the scope is not the same as at each of the parents: how Git itself simplifies
  /// history.
  bool changes() const {
    return isRoot() ? !own.empty() : std::ranges::find(theirs, own) == theirs.end();
  }
};

absl::StatusOr<Step> stepOf(git_repository* repository, git_commit* commit, const Scope& scope) {
  Step step;
  GANTRY_ASSIGN_OR_RETURN(step.own, scopeHash(repository, commit, scope));
  for (unsigned i = 0; i < git_commit_parentcount(commit); ++i) {
    git_commit* parent = nullptr;
    if (const int result = git_commit_parent(&parent, commit, i); result != 0) {
      return gitError(result, "a parent commit cannot be read");
    }
    const CommitHandle handle(parent);
    step.parents.push_back(*git_commit_id(parent));
    GANTRY_ASSIGN_OR_RETURN(step.theirs.emplace_back(), scopeHash(repository, parent, scope));
  }
  return step;
}

absl::StatusOr<WalkHandle> walkFrom(git_repository* repository, const git_oid& start) {
  git_revwalk* created = nullptr;
  if (const int result = git_revwalk_new(&created, repository); result != 0) {
    return gitError(result, "the history cannot be walked");
  }
  WalkHandle walk(created);
  git_revwalk_sorting(created, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
  if (const int result = git_revwalk_push(created, &start); result != 0) {
    return gitError(result, absl::StrCat("commit ", hex(start)));
  }
  return walk;
}

/// Whether a commit that `from` has and `until` has not changed the scope.
absl::StatusOr<bool> brings(git_repository* repository, const git_oid& from, const git_oid& until,
                            const Scope& scope) {
  GANTRY_ASSIGN_OR_RETURN(const WalkHandle walk, walkFrom(repository, from));
  git_revwalk_hide(walk.get(), &until);
  git_oid id;
  while (git_revwalk_next(&id, walk.get()) == 0) {
    GANTRY_ASSIGN_OR_RETURN(const CommitHandle commit, findCommit(repository, hex(id)));
    GANTRY_ASSIGN_OR_RETURN(const Step step, stepOf(repository, commit.get(), scope));
    if (step.changes()) return true;
  }
  return false;
}

/// Whether a merge has the scope as one of its parents has it, although another has brought
/// something that this one lacks: then the merge is who took that back. A branch that is merged and
/// had all of the other side already takes nothing back.
absl::StatusOr<bool> takesBack(git_repository* repository, const Step& merge, const Scope& scope) {
  bool found = false;
  for (std::size_t kept = 0; kept < merge.parents.size(); ++kept) {
    if (merge.theirs[kept] != merge.own) continue;
    bool lost = false;
    for (std::size_t other = 0; other < merge.parents.size() && !lost; ++other) {
      if (merge.theirs[other] == merge.own) continue;
      GANTRY_ASSIGN_OR_RETURN(lost,
                              brings(repository, merge.parents[other], merge.parents[kept], scope));
    }
    if (!lost) return false;
    found = true;
  }
  return found;
}

absl::StatusOr<std::vector<Commit>> walk(git_repository* repository, const std::string& from,
                                         const std::string& until, const Scope& scope, int limit) {
  GANTRY_ASSIGN_OR_RETURN(const git_oid start, parseId(from));
  GANTRY_ASSIGN_OR_RETURN(const WalkHandle walk, walkFrom(repository, start));
  if (!until.empty()) {
    GANTRY_ASSIGN_OR_RETURN(const git_oid end, parseId(until));
    // An end that is gone (a force-pushed branch) hides nothing.
    git_revwalk_hide(walk.get(), &end);
  }
  std::vector<Commit> found;
  git_oid id;
  while (static_cast<int>(found.size()) < limit && git_revwalk_next(&id, walk.get()) == 0) {
    GANTRY_ASSIGN_OR_RETURN(const CommitHandle commit, findCommit(repository, hex(id)));
    GANTRY_ASSIGN_OR_RETURN(const Step step, stepOf(repository, commit.get(), scope));
    bool counts = step.changes();
    if (!counts && step.parents.size() > 1) {
      GANTRY_ASSIGN_OR_RETURN(counts, takesBack(repository, step, scope));
    }
    if (counts) found.push_back(describe(commit.get()));
  }
  return found;
}

bool isManifest(const std::string& path) {
  return absl::EndsWith(path, ".yaml") || absl::EndsWith(path, ".yml") ||
         absl::EndsWith(path, ".json");
}

bool holdsKustomization(const git_tree* tree) {
  return std::ranges::any_of(
      std::initializer_list<const char*>{"kustomization.yaml", "kustomization.yml",
                                         "Kustomization"},
      [&](const char* name) { return git_tree_entry_byname(tree, name) != nullptr; });
}

/// Collects one folder and those below it.
class FolderReader {
 public:
  FolderReader(git_repository* repository, const ReadLimits& limits)
      : repository_(repository), limits_(limits) {}

  absl::Status open() {
    git_odb* odb = nullptr;
    if (const int result = git_repository_odb(&odb, repository_); result != 0) {
      return gitError(result, "the object database cannot be opened");
    }
    odb_.reset(odb);
    return absl::OkStatus();
  }

  /// Files that are no manifests, too, if there is a kustomization, which makes ConfigMaps of any.
  absl::Status readFolder(git_tree* tree, const std::string& path) {
    all_ = holdsKustomization(tree);
    return read(tree, path.empty() ? path : path + "/");
  }

  std::vector<File> takeFiles() {
    std::ranges::sort(files_, {}, &File::path);
    return std::move(files_);
  }

 private:
  absl::Status read(git_tree* tree, const std::string& prefix) {
    for (std::size_t i = 0; i < git_tree_entrycount(tree); ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(tree, i);
      const std::string path = prefix + git_tree_entry_name(entry);
      GANTRY_RETURN_IF_ERROR(readEntry(*entry, path));
    }
    return absl::OkStatus();
  }

  absl::Status readEntry(const git_tree_entry& entry, const std::string& path) {
    switch (git_tree_entry_filemode(&entry)) {
      case GIT_FILEMODE_LINK:
        return absl::FailedPreconditionError(absl::StrCat(
            path, " is a symlink, which could lead out of the folder; replace it by a file"));
      case GIT_FILEMODE_COMMIT:
        return absl::FailedPreconditionError(
            absl::StrCat(path, " is a submodule, which Gantry does not follow; commit its files"));
      case GIT_FILEMODE_TREE: {
        git_tree* folder = nullptr;
        if (const int result = git_tree_lookup(&folder, repository_, git_tree_entry_id(&entry));
            result != 0) {
          return gitError(result, path);
        }
        const TreeHandle handle(folder);
        return read(folder, path + "/");
      }
      default:
        return all_ || isManifest(path) ? readBlob(*git_tree_entry_id(&entry), path)
                                        : absl::OkStatus();
    }
  }

  absl::Status readBlob(const git_oid& id, const std::string& path) {
    std::size_t size = 0;
    git_object_t type;
    if (const int result = git_odb_read_header(&size, &type, odb_.get(), &id); result != 0) {
      return gitError(result, path);
    }
    const auto bytes = static_cast<std::int64_t>(size);
    if (bytes > limits_.maxFileBytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, " has ", bytes, " bytes; a file may have ", limits_.maxFileBytes));
    }
    total_ += bytes;
    if (total_ > limits_.maxTotalBytes) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "up to ", path, " the folder's files have more than ", limits_.maxTotalBytes, " bytes"));
    }
    if (static_cast<std::int64_t>(files_.size()) == limits_.maxFiles) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the folder has more than ", limits_.maxFiles, " files"));
    }
    git_blob* blob = nullptr;
    if (const int result = git_blob_lookup(&blob, repository_, &id); result != 0) {
      return gitError(result, path);
    }
    const BlobHandle handle(blob);
    files_.push_back(
        {path, std::string(static_cast<const char*>(git_blob_rawcontent(blob)), size)});
    return absl::OkStatus();
  }

  git_repository* repository_;
  const ReadLimits& limits_;
  OdbHandle odb_;
  bool all_ = false;
  std::vector<File> files_;
  std::int64_t total_ = 0;
};

}  // namespace

absl::StatusOr<Commit> readCommit(const std::string& mirror, const std::string& commit) {
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openMirror(mirror));
  GANTRY_ASSIGN_OR_RETURN(const CommitHandle handle, findCommit(repository.get(), commit));
  return describe(handle.get());
}

bool holdsCommit(const std::string& mirror, const std::string& commit) {
  const absl::StatusOr<RepositoryHandle> repository = openMirror(mirror);
  return repository.ok() && findCommit(repository->get(), commit).ok();
}

absl::StatusOr<Folder> readManifests(const std::string& mirror, const std::string& commit,
                                     const Scope& scope, const ReadLimits& limits) {
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openMirror(mirror));
  GANTRY_ASSIGN_OR_RETURN(const CommitHandle handle, findCommit(repository.get(), commit));
  Folder folder;
  GANTRY_ASSIGN_OR_RETURN(folder.treeHash, scopeHash(repository.get(), handle.get(), scope));
  if (folder.treeHash.empty()) {
    return absl::NotFoundError(
        absl::StrCat("there is no folder \"", scope.path, "\" in commit ", commit.substr(0, 7)));
  }
  FolderReader reader(repository.get(), limits);
  GANTRY_RETURN_IF_ERROR(reader.open());
  std::vector<std::string> paths = scope.more;
  paths.push_back(scope.path);
  for (const std::string& path : paths) {
    GANTRY_ASSIGN_OR_RETURN(const TreeHandle tree, findTree(repository.get(), handle.get(), path));
    if (tree) GANTRY_RETURN_IF_ERROR(reader.readFolder(tree.get(), path));
  }
  folder.files = reader.takeFiles();
  return folder;
}

absl::StatusOr<std::vector<Commit>> logOf(const std::string& mirror, const std::string& commit,
                                          const std::string& until, const Scope& scope, int limit) {
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openMirror(mirror));
  return walk(repository.get(), commit, until, scope, limit);
}

}  // namespace gantry::gitsync
