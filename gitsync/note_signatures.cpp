// SPDX-License-Identifier: Apache-2.0
#include "gitsync/note_signatures.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "gitsync/libgit2.h"
#include "gitsync/mirror.h"
#include "gitsync/ssh_signature.h"

namespace gantry::gitsync {
namespace {

absl::StatusOr<child::Verify> keysOf(const std::vector<std::string>& publicKeys) {
  child::Verify keys;
  for (const std::string& line : publicKeys) {
    GANTRY_RETURN_IF_ERROR(base::annotate(parseSshPublicKey(line).status(), "the signing key"));
    child::TrustedKey& key = *keys.add_keys();
    key.set_name("the signing key");
    key.set_public_key(line);
  }
  if (keys.keys().empty()) return absl::InvalidArgumentError("there is no signing key");
  return keys;
}

absl::Status verifyCommit(git_repository* repository, git_oid id, const child::Verify& keys,
                          const std::filesystem::path& folder) {
  Buffer signature;
  Buffer text;
  if (git_commit_extract_signature(signature.get(), text.get(), repository, &id, nullptr) != 0) {
    return absl::PermissionDeniedError("it is not signed");
  }
  if (!absl::StrContains(signature.text(), "-----BEGIN SSH SIGNATURE-----")) {
    return absl::PermissionDeniedError("it is not signed with an SSH key");
  }
  return verifyBySsh(text.text(), signature.text() + "\n", keys, folder).status();
}

}  // namespace

absl::StatusOr<int> verifyNoteCommits(const std::string& repository,
                                      const std::vector<std::string>& publicKeys,
                                      const std::string& ref) {
  GANTRY_ASSIGN_OR_RETURN(const child::Verify keys, keysOf(publicKeys));
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle opened, openRepository(repository));
  git_revwalk* created = nullptr;
  if (const int result = git_revwalk_new(&created, opened.get()); result != 0) {
    return gitError(result, "the history of the notes cannot be walked");
  }
  const WalkHandle walk(created);
  git_revwalk_sorting(created, GIT_SORT_TOPOLOGICAL);
  if (git_revwalk_push_ref(created, ref.c_str()) != 0) {
    return absl::NotFoundError(absl::StrCat(repository, " has no ", ref));
  }
  GANTRY_ASSIGN_OR_RETURN(const TemporaryFolder folder,
                          TemporaryFolder::make(std::filesystem::temp_directory_path().string()));
  int commits = 0;
  git_oid id;
  while (git_revwalk_next(&id, created) == 0) {
    const absl::Status signedBy = verifyCommit(opened.get(), id, keys, folder.path());
    if (absl::IsPermissionDenied(signedBy)) {
      return absl::DataLossError(
          absl::StrCat("commit ", hex(id).substr(0, 8), " of ", ref, ": ", signedBy.message()));
    }
    GANTRY_RETURN_IF_ERROR(signedBy);
    ++commits;
  }
  return commits;
}

}  // namespace gantry::gitsync
