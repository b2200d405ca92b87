// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gitsync/git.h"

namespace gantry::gitsync {

/// What is known of each scope of a mirror since the last head that was looked at, so that a new
/// head costs the walk over the new commits only.
class ScopeMemory {
 public:
  struct Entry {
    std::string head;
    std::string treeHash;
    Commit lastChange;
  };

  /// Of the scope at the last head.
  const Entry* find(const Scope& scope) const;
  void remember(const Scope& scope, Entry entry);

 private:
  using Key = std::vector<std::string>;
  static Key keyOf(const Scope& scope);

  std::map<Key, Entry> entries_;
};

/// For each scope (normalised), what it is at a commit of a mirror. Blocks. The last change is the
/// commit that `git log -1 -- folders` names: of a merge, the history of the first parent that has
/// the scope as the merge has it is followed. Errors as in Git; those of a single scope are its
/// own.
absl::StatusOr<std::vector<absl::StatusOr<Fetched>>> describeHead(const std::string& mirror,
                                                                  const std::string& commit,
                                                                  const std::vector<Scope>& scopes,
                                                                  ScopeMemory& memory);

}  // namespace gantry::gitsync
