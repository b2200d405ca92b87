// SPDX-License-Identifier: Apache-2.0
#include "gitsync/verify.h"

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

}  // namespace

absl::StatusOr<child::Response> verifyCommit(const child::Request& request) {
  const child::Verify& wanted = request.verify();
  GANTRY_RETURN_IF_ERROR(checkKeys(wanted));
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openOrInitMirror(request.mirror()));
  GANTRY_RETURN_IF_ERROR(findCommit(repository.get(), wanted.commit()).status());
  GANTRY_ASSIGN_OR_RETURN(git_oid id, parseId(wanted.commit()));
  const std::string name = absl::StrCat("commit ", wanted.commit().substr(0, 8));
  Buffer signature;
  Buffer text;
  if (git_commit_extract_signature(signature.get(), text.get(), repository.get(), &id, nullptr) !=
      0) {
    return absl::PermissionDeniedError(
        absl::StrCat(name, ": it is not signed; sign it with git commit -S"));
  }
  GANTRY_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::make(request.mirror()));
  absl::StatusOr<Signer> signer = absl::PermissionDeniedError(
      "its signature is neither of SSH nor of GPG; sign it with one of them");
  if (absl::StrContains(signature.text(), "-----BEGIN SSH SIGNATURE-----")) {
    signer = verifyBySsh(text.text(), signature.text() + "\n", wanted, folder.path());
  } else if (absl::StrContains(signature.text(), "-----BEGIN PGP SIGNATURE-----")) {
    signer = verifyByGpg(text.text(), signature.text() + "\n", wanted, folder.path());
  }
  if (!signer.ok()) return base::annotate(signer.status(), name);
  child::Response response;
  response.set_key_name(signer->keyName);
  response.set_fingerprint(signer->fingerprint);
  return response;
}

}  // namespace gantry::gitsync
