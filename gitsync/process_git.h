// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "base/executor.h"
#include "gitsync/git.h"

namespace gantry::gitsync {

struct ProcessGitOptions {
  /// The gantry-git program.
  std::filesystem::path program;
  /// Bare mirrors are kept here, one a repository.
  std::filesystem::path mirrorRoot;
  /// See credentials.h; read anew for each operation. Empty: there are none.
  std::filesystem::path credentialsFile = {};
  /// Private SSH key that revert commits and those of the notes are signed with. Empty: they are
  /// not.
  std::filesystem::path signingKeyFile = {};
  /// A child that takes longer is killed.
  base::Duration deadline = base::Duration(60'000);
  /// Address space of a child, in bytes.
  std::uint64_t memoryLimit = 1ULL << 30;
  /// How many repositories are worked on at a time.
  int threads = 8;
};

/// Git for real: every operation on the network runs in a gantry-git child that is killed when it
/// takes too long, because a library that hangs or crashes must not take the controller with it;
/// objects are read in this process, on worker threads. Destroying it ends running children.
std::unique_ptr<Git> makeProcessGit(base::Executor& executor, ProcessGitOptions options);

}  // namespace gantry::gitsync
