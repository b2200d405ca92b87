// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gitsync/child.pb.h"
#include "gitsync/revision.h"
#include "gitsync/url.h"

namespace gantry::gitsync {

/// The `git` program, for what goes over the network: it and `ssh` know every server, and check
/// keys and certificates as people expect. Runs in gantry-git only. It reads no configuration but
/// what is given here, asks nobody, and gets secrets through its environment, which only its user
/// can read. Everything blocks. Errors as in Git.
class GitProgram {
 public:
  /// Reads the secrets that are needed. `mirror` exists. Errors: INVALID_ARGUMENT (URL);
  /// PERMISSION_DENIED (a secret's file is missing, or others may read it).
  static absl::StatusOr<GitProgram> make(const child::Request& request);

  /// What the remote advertises: branches and tags, or all refs. One connection, nothing else.
  absl::StatusOr<std::vector<AdvertisedRef>> listRefs(bool all) const;

  /// Brings objects to the mirror: "+refs/heads/main:refs/gantry/heads/main". With `prune`, refs of
  /// the mirror that the remote no longer has go.
  absl::Status fetch(const std::string& refspec, bool prune = false) const;

  /// Pushes `commit` to `ref`, as a fast-forward only. ABORTED if the remote refuses it.
  absl::Status push(const std::string& commit, const std::string& ref) const;

 private:
  explicit GitProgram(const child::Request& request) : request_(request) {}

  absl::Status prepare();
  absl::Status prepareHttps();
  absl::Status prepareSsh();
  absl::Status prepareLocal();
  void configure(const std::string& key, const std::string& value);
  absl::StatusOr<std::string> run(const std::string& command, std::vector<std::string> options,
                                  const std::vector<std::string>& refspecs) const;

  const child::Request& request_;
  RemoteUrl parts_;
  /// The URL without user and password, if it is of https.
  std::string url_;
  std::vector<std::pair<std::string, std::string>> configuration_;
  std::vector<std::string> environment_;
};

}  // namespace gantry::gitsync
