// SPDX-License-Identifier: Apache-2.0
#include "gitsync/history.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/str_split.h"
#include "base/status.h"
#include "gitsync/libgit2.h"

namespace gantry::gitsync {
namespace {

/// Far more scopes than a controller has Applications; those of deleted ones are forgotten so.
constexpr std::size_t kMostEntries = 100'000;

using Id = std::array<unsigned char, GIT_OID_RAWSZ>;

Id idOf(const git_oid& oid) {
  return std::to_array(oid.id);
}

/// Looks paths up in the trees of a repository, of which it keeps the last ones: a folder of a
/// thousand Applications is read once a commit, not once for each of them.
class Entries {
 public:
  explicit Entries(git_repository* repository) : repository_(repository) {}

  /// The object at a path below a root tree, whatever it is; nothing if there is none.
  absl::StatusOr<std::optional<Id>> find(const git_oid& root,
                                         const std::vector<std::string>& path) {
    git_oid id = root;
    for (const std::string& name : path) {
      GANTRY_ASSIGN_OR_RETURN(const git_tree* tree, read(id));
      const git_tree_entry* entry = git_tree_entry_byname(tree, name.c_str());
      if (entry == nullptr) return std::nullopt;
      id = *git_tree_entry_id(entry);
      const bool last = &name == &path.back();
      if (!last && git_tree_entry_type(entry) != GIT_OBJECT_TREE) return std::nullopt;
    }
    return idOf(id);
  }

 private:
  absl::StatusOr<const git_tree*> read(const git_oid& id) {
    TreeHandle& kept = trees_[idOf(id)];
    if (!kept) {
      git_tree* tree = nullptr;
      if (const int result = git_tree_lookup(&tree, repository_, &id); result != 0) {
        return gitError(result, "a tree of the history");
      }
      if (trees_.size() > kMostTrees) {
        trees_.clear();
        return (trees_[idOf(id)] = TreeHandle(tree)).get();
      }
      kept.reset(tree);
    }
    return kept.get();
  }

  static constexpr std::size_t kMostTrees = 256;
  git_repository* repository_;
  std::map<Id, TreeHandle> trees_;
};

/// One scope on its way back through the history, along commits that have it as the head has it.
struct Walker {
  std::size_t number = 0;
  std::vector<std::vector<std::string>> folders;
  std::vector<std::optional<Id>> objects;
  const ScopeMemory::Entry* known = nullptr;
};

/// Finds the last change of many scopes in one walk.
class LastChanges {
 public:
  LastChanges(git_repository* repository, std::size_t scopes)
      : repository_(repository), entries_(repository), found_(scopes) {}

  absl::Status add(std::size_t number, const Scope& scope, git_commit* head,
                   const ScopeMemory::Entry* known) {
    Walker walker{number, {}, {}, known};
    std::vector<std::string> paths = {scope.path};
    paths.insert(paths.end(), scope.more.begin(), scope.more.end());
    for (const std::string& path : paths) {
      walker.folders.push_back(absl::StrSplit(path, '/', absl::SkipEmpty()));
      GANTRY_ASSIGN_OR_RETURN(walker.objects.emplace_back(),
                              entries_.find(*git_commit_tree_id(head), walker.folders.back()));
    }
    return walkOn(std::move(walker), head);
  }

  absl::Status run() {
    while (!waiting_.empty()) {
      auto node = waiting_.extract(waiting_.begin());
      git_commit* looked = nullptr;
      git_oid id;
      std::ranges::copy(node.key().second, id.id);
      if (const int result = git_commit_lookup(&looked, repository_, &id); result != 0) {
        return gitError(result, "a commit of the history");
      }
      const CommitHandle commit(looked);
      GANTRY_RETURN_IF_ERROR(step(commit.get(), node.mapped()));
    }
    return absl::OkStatus();
  }

  Commit& operator[](std::size_t number) { return found_[number]; }

 private:
  /// The newest commit first, so that scopes that meet go on together.
  using Key = std::pair<git_time_t, Id>;

  absl::Status walkOn(Walker walker, git_commit* commit) {
    const git_oid& id = *git_commit_id(commit);
    if (walker.known != nullptr && walker.known->head == hex(id)) {
      found_[walker.number] = walker.known->lastChange;
      return absl::OkStatus();
    }
    waiting_[{-git_commit_time(commit), idOf(id)}].push_back(std::move(walker));
    return absl::OkStatus();
  }

  absl::Status step(git_commit* commit, std::vector<Walker>& walkers) {
    std::vector<CommitHandle> parents;
    for (unsigned i = 0; i < git_commit_parentcount(commit); ++i) {
      git_commit* parent = nullptr;
      if (const int result = git_commit_parent(&parent, commit, i); result != 0) {
        return gitError(result, "a parent commit cannot be read");
      }
      parents.emplace_back(parent);
    }
    for (Walker& walker : walkers) {
      git_commit* same = nullptr;
      for (const CommitHandle& parent : parents) {
        GANTRY_ASSIGN_OR_RETURN(const bool is, isSame(walker, commit, parent.get()));
        if (is) same = parent.get();
        if (is) break;
      }
      if (same == nullptr) {
        found_[walker.number] = describe(commit);
      } else {
        GANTRY_RETURN_IF_ERROR(walkOn(std::move(walker), same));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> isSame(const Walker& walker, git_commit* commit, git_commit* parent) {
    const git_oid& root = *git_commit_tree_id(parent);
    if (git_oid_equal(&root, git_commit_tree_id(commit)) != 0) return true;
    for (std::size_t i = 0; i < walker.folders.size(); ++i) {
      GANTRY_ASSIGN_OR_RETURN(const std::optional<Id> theirs,
                              entries_.find(root, walker.folders[i]));
      if (theirs != walker.objects[i]) return false;
    }
    return true;
  }

  git_repository* repository_;
  Entries entries_;
  std::map<Key, std::vector<Walker>> waiting_;
  std::vector<Commit> found_;
};

}  // namespace

ScopeMemory::Key ScopeMemory::keyOf(const Scope& scope) {
  Key key = {scope.path};
  key.insert(key.end(), scope.more.begin(), scope.more.end());
  return key;
}

const ScopeMemory::Entry* ScopeMemory::find(const Scope& scope) const {
  const auto found = entries_.find(keyOf(scope));
  return found == entries_.end() ? nullptr : &found->second;
}

void ScopeMemory::remember(const Scope& scope, Entry entry) {
  if (entries_.size() >= kMostEntries) entries_.clear();
  entries_[keyOf(scope)] = std::move(entry);
}

absl::StatusOr<std::vector<absl::StatusOr<Fetched>>> describeHead(const std::string& mirror,
                                                                  const std::string& commit,
                                                                  const std::vector<Scope>& scopes,
                                                                  ScopeMemory& memory) {
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openMirror(mirror));
  GANTRY_ASSIGN_OR_RETURN(const CommitHandle head, findCommit(repository.get(), commit));
  const Commit described = describe(head.get());
  LastChanges changes(repository.get(), scopes.size());
  std::vector<absl::StatusOr<std::string>> hashes;
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    const ScopeMemory::Entry* known = memory.find(scopes[i]);
    const bool isSameHead = known != nullptr && known->head == described.id;
    hashes.push_back(isSameHead ? known->treeHash
                                : scopeHash(repository.get(), head.get(), scopes[i]));
    if (!hashes.back().ok() || hashes.back()->empty()) continue;
    GANTRY_RETURN_IF_ERROR(changes.add(i, scopes[i], head.get(), known));
  }
  GANTRY_RETURN_IF_ERROR(changes.run());
  std::vector<absl::StatusOr<Fetched>> all;
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    if (!hashes[i].ok()) {
      all.emplace_back(hashes[i].status());
    } else if (hashes[i]->empty()) {
      all.emplace_back(Fetched{described, "", "", described});
    } else {
      memory.remember(scopes[i], {described.id, *hashes[i], changes[i]});
      all.emplace_back(Fetched{described, "", *hashes[i], std::move(changes[i])});
    }
  }
  return all;
}

}  // namespace gantry::gitsync
