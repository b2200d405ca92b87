// SPDX-License-Identifier: Apache-2.0
#include "gitsync/verify.h"

#include <filesystem>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "gitsync/gpg_signature.h"
#include "gitsync/libgit2.h"
#include "gitsync/mirror.h"
#include "gitsync/ssh_signature.h"

namespace gantry::gitsync {
namespace {

absl::Status checkKeys(const child::Verify& wanted) {
  for (const child::TrustedKey& key : wanted.keys()) {
    if (isGpgKey(key.public_key())) continue;
    if (const auto parsed = parseSshPublicKey(key.public_key()); !parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("trusted key \"", key.name(), "\" ", parsed.status().message()));
    }
  }
  return absl::OkStatus();
}

/// Looks at one commit after the other, with what they share.
class Verifier {
 public:
  Verifier(git_repository* repository, const child::Verify& wanted, std::filesystem::path folder)
      : repository_(repository), wanted_(wanted), folder_(std::move(folder)) {}

  absl::StatusOr<Signer> verify(const std::string& commit) {
    GANTRY_RETURN_IF_ERROR(findCommit(repository_, commit).status());
    GANTRY_ASSIGN_OR_RETURN(git_oid id, parseId(commit));
    Buffer signature;
    Buffer text;
    if (git_commit_extract_signature(signature.get(), text.get(), repository_, &id, nullptr) != 0) {
      return absl::PermissionDeniedError("it is not signed; sign it with git commit -S");
    }
    if (absl::StrContains(signature.text(), "-----BEGIN SSH SIGNATURE-----")) {
      return verifyBySsh(text.text(), signature.text() + "\n", wanted_, folder_);
    }
    if (absl::StrContains(signature.text(), "-----BEGIN PGP SIGNATURE-----")) {
      if (!gpgKeys_) {
        GANTRY_ASSIGN_OR_RETURN(gpgKeys_, importGpgKeys(wanted_, folder_));
      }
      return verifyByGpg(text.text(), signature.text() + "\n", *gpgKeys_, folder_);
    }
    return absl::PermissionDeniedError(
        "its signature is neither of SSH nor of GPG; sign it with one of them");
  }

 private:
  git_repository* repository_;
  const child::Verify& wanted_;
  const std::filesystem::path folder_;
  /// Set once a commit has needed them.
  std::optional<GpgKeys> gpgKeys_;
};

}  // namespace

absl::StatusOr<child::Response> verifyCommits(const child::Request& request) {
  const child::Verify& wanted = request.verify();
  GANTRY_RETURN_IF_ERROR(checkKeys(wanted));
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openOrInitMirror(request.mirror()));
  GANTRY_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::make(request.mirror()));
  Verifier verifier(repository.get(), wanted, folder.path());
  child::Response response;
  for (const std::string& commit : wanted.commits()) {
    const absl::StatusOr<Signer> signer = verifier.verify(commit);
    child::Verified& verified = *response.add_verified();
    if (signer.ok()) {
      verified.set_key_name(signer->keyName);
      verified.set_fingerprint(signer->fingerprint);
      continue;
    }
    absl::Status why =
        base::annotate(signer.status(), absl::StrCat("commit ", commit.substr(0, 8)));
    // What is no word about the commit is one about all of them.
    if (!absl::IsPermissionDenied(why)) return why;
    verified.set_code(why.raw_code());
    verified.set_error(std::string(why.message()));
  }
  return response;
}

}  // namespace gantry::gitsync
