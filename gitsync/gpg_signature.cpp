// SPDX-License-Identifier: Apache-2.0
#include "gitsync/gpg_signature.h"

#include <chrono>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/status.h"
#include "gitsync/program.h"

namespace gantry::gitsync {
namespace {

namespace fs = std::filesystem;

constexpr base::Duration kGpgDeadline = std::chrono::seconds(30);

/// What gpg says for programs: https://github.com/gpg/gnupg/blob/master/doc/DETAILS.
using StatusLine = std::vector<std::string>;

absl::StatusOr<std::vector<StatusLine>> gpg(const fs::path& home,
                                            std::vector<std::string> arguments) {
  ProgramCall call;
  call.program = "gpg";
  call.arguments = {"--homedir",
                    home.string(),
                    "--batch",
                    "--no-tty",
                    "--no-options",
                    "--no-autostart",
                    "--quiet",
                    "--disable-dirmngr",
                    "--no-auto-key-retrieve",
                    "--no-auto-check-trustdb",
                    "--trust-model",
                    "always",
                    "--status-fd",
                    "1"};
  call.arguments.insert(call.arguments.end(), arguments.begin(), arguments.end());
  GANTRY_ASSIGN_OR_RETURN(const ProgramResult result, runProgram(call, kGpgDeadline));
  std::vector<StatusLine> lines;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(result.output, '\n', absl::SkipEmpty()))) {
    StatusLine words = absl::StrSplit(line, ' ');
    if (words.size() < 2 || words.front() != "[GNUPG:]") continue;
    words.erase(words.begin());
    lines.push_back(std::move(words));
  }
  return lines;
}

const StatusLine* find(const std::vector<StatusLine>& lines, const std::string& keyword) {
  for (const StatusLine& line : lines) {
    if (line.front() == keyword) return &line;
  }
  return nullptr;
}

absl::Status refusal(const std::vector<StatusLine>& lines) {
  const auto keyOf = [](const StatusLine& line) {
    return line.size() > 1 ? line[1] : std::string("unknown");
  };
  if (const StatusLine* line = find(lines, "REVKEYSIG")) {
    return absl::PermissionDeniedError(absl::StrCat("it is signed by the GPG key ", keyOf(*line),
                                                    ", which was revoked; sign with another"));
  }
  if (const StatusLine* line = find(lines, "EXPKEYSIG")) {
    return absl::PermissionDeniedError(absl::StrCat(
        "it is signed by the GPG key ", keyOf(*line),
        ", which has expired; sign with a valid key, or give the renewed one as trusted key"));
  }
  if (const StatusLine* line = find(lines, "EXPSIG")) {
    return absl::PermissionDeniedError(
        absl::StrCat("its signature by the GPG key ", keyOf(*line), " has expired"));
  }
  if (find(lines, "BADSIG") != nullptr) {
    return absl::PermissionDeniedError(
        "its GPG signature does not fit: the commit was changed after it was signed");
  }
  if (const StatusLine* line = find(lines, "ERRSIG")) {
    const std::string key = line->size() > 7 ? (*line)[7] : keyOf(*line);
    return absl::PermissionDeniedError(absl::StrCat(
        "it is signed by a GPG key that is not trusted (", key,
        "); sign with a trusted key, or add this one to the trusted keys if you know whose it is"));
  }
  return absl::PermissionDeniedError("its GPG signature cannot be read");
}

}  // namespace

bool isGpgKey(const std::string& publicKey) {
  return absl::StrContains(publicKey, "-----BEGIN PGP PUBLIC KEY BLOCK-----");
}

absl::StatusOr<GpgKeys> importGpgKeys(const child::Verify& wanted, const fs::path& folder) {
  GpgKeys names;
  const fs::path file = folder / "key";
  for (const child::TrustedKey& key : wanted.keys()) {
    if (!isGpgKey(key.public_key())) continue;
    GANTRY_RETURN_IF_ERROR(base::writeFileAtomically(file, key.public_key(), base::kOwnerOnly));
    GANTRY_ASSIGN_OR_RETURN(const std::vector<StatusLine> lines,
                            gpg(folder, {"--import", file.string()}));
    bool imported = false;
    for (const StatusLine& line : lines) {
      if (line.front() != "IMPORT_OK" || line.size() < 3) continue;
      names.emplace(line[2], key.name());
      imported = true;
    }
    if (!imported) {
      return absl::InvalidArgumentError(
          absl::StrCat("trusted key \"", key.name(),
                       "\" is no GPG public key; write what gpg --armor --export says"));
    }
  }
  return names;
}

absl::StatusOr<Signer> verifyByGpg(const std::string& text, const std::string& signature,
                                   const GpgKeys& keys, const fs::path& folder) {
  const std::string signatureFile = (folder / "signature").string();
  const std::string textFile = (folder / "text").string();
  GANTRY_RETURN_IF_ERROR(base::writeFileAtomically(signatureFile, signature, base::kOwnerOnly));
  GANTRY_RETURN_IF_ERROR(base::writeFileAtomically(textFile, text, base::kOwnerOnly));
  GANTRY_ASSIGN_OR_RETURN(const std::vector<StatusLine> lines,
                          gpg(folder, {"--verify", signatureFile, textFile}));
  std::size_t signatures = 0;
  for (const StatusLine& line : lines) signatures += line.front() == "NEWSIG" ? 1 : 0;
  const StatusLine* valid = find(lines, "VALIDSIG");
  // One signature, and that one good: what is said of a second could be taken for the first.
  if (signatures != 1 || find(lines, "GOODSIG") == nullptr || valid == nullptr) {
    return refusal(lines);
  }
  // The last word is the fingerprint of the primary key, whichever subkey signed.
  const auto name = keys.find(valid->back());
  if (name == keys.end()) return refusal(lines);
  return Signer{name->second, name->first};
}

}  // namespace gantry::gitsync
