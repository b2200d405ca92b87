// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "gitsync/libgit2.h"

namespace gantry::gitsync {

/// The bare mirror at a path, made if it does not exist, and rid of what a killed child left in it:
/// only one child works on a mirror at a time.
absl::StatusOr<RepositoryHandle> openOrInitMirror(const std::string& mirror);

/// Where the mirror keeps the remote's `ref`. A branch "a" that became "a/b" is in nobody's way.
std::string mirrorRef(const std::string& ref);

/// Points a ref of the mirror at a commit.
absl::Status setRef(git_repository* repository, const std::string& ref, const git_oid& commit);

/// The commit that a ref of the mirror leads to, through annotated tags. Errors: NOT_FOUND;
/// FAILED_PRECONDITION (the ref is of a file or a folder).
absl::StatusOr<git_oid> commitOfRef(git_repository* repository, const std::string& ref);

/// A private folder in the mirror that goes with this.
class TemporaryFolder {
 public:
  static absl::StatusOr<TemporaryFolder> make(const std::string& mirror);
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace gantry::gitsync
