// SPDX-License-Identifier: Apache-2.0
#include "gitsync/ssh_signature.h"

#include <chrono>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/status.h"
#include "gitsync/program.h"
#include "gitsync/secret_file.h"

namespace gantry::gitsync {
namespace {

constexpr base::Duration kLongest = std::chrono::seconds(30);

/// Git signs in a namespace of its own, so that a signature of another kind of text never fits.
constexpr const char* kNamespace = "git";

bool isKeyType(const std::string& word) {
  return word.starts_with("ssh-") || word.starts_with("ecdsa-sha2-") ||
         word.starts_with("sk-ssh-") || word.starts_with("sk-ecdsa-");
}

bool isValidity(const std::string& options) {
  for (const std::string& option : std::vector<std::string>(absl::StrSplit(options, ','))) {
    if (!option.starts_with("valid-after=") && !option.starts_with("valid-before=")) return false;
    const std::string value = option.substr(option.find('=') + 1);
    if (value.find_first_not_of("\"0123456789Z") != std::string::npos) return false;
  }
  return true;
}

absl::StatusOr<ProgramResult> sshKeygen(std::vector<std::string> arguments,
                                        const std::string& input) {
  ProgramCall call;
  call.program = "ssh-keygen";
  call.arguments = std::move(arguments);
  // A key with a passphrase is an error, not a question.
  call.environment = {"SSH_ASKPASS=/bin/false", "SSH_ASKPASS_REQUIRE=force"};
  call.input = input;
  return runProgram(call, kLongest);
}

std::string lastLine(const std::string& text) {
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  return lines.empty() ? "" : lines.back();
}

/// The fingerprint of the key that made a signature which fits the text.
absl::StatusOr<std::string> fittingKey(const std::string& text, const std::string& signatureFile) {
  GANTRY_ASSIGN_OR_RETURN(
      const ProgramResult checked,
      sshKeygen({"-Y", "check-novalidate", "-n", kNamespace, "-s", signatureFile}, text));
  const std::size_t begin = checked.output.find("SHA256:");
  if (checked.exitCode != 0 || begin == std::string::npos) {
    return absl::PermissionDeniedError(
        "its SSH signature does not fit: the commit was changed after it was signed, or the "
        "signature is of something else");
  }
  return checked.output.substr(begin, checked.output.find_first_of(" \n", begin) - begin);
}

}  // namespace

absl::StatusOr<SshPublicKey> parseSshPublicKey(const std::string& line) {
  const std::vector<std::string> words =
      absl::StrSplit(absl::StripAsciiWhitespace(line), ' ', absl::SkipEmpty());
  const std::size_t type = !words.empty() && !isKeyType(words.front()) ? 1 : 0;
  std::string blob;
  if (words.size() < type + 2 || !isKeyType(words[type]) ||
      line.find_first_of("\n\r") < absl::StripTrailingAsciiWhitespace(line).size() ||
      !absl::Base64Unescape(words[type + 1], &blob) || blob.empty()) {
    return absl::InvalidArgumentError(
        "is no SSH public key; write a line like \"ssh-ed25519 AAAA… name\"");
  }
  if (type == 1 && !isValidity(words.front())) {
    return absl::InvalidArgumentError(
        "has options in front that are not known; there may be valid-after=\"20260101\" and "
        "valid-before=\"20270101\"");
  }
  std::string hash = absl::Base64Escape(absl::HexStringToBytes(base::sha256Hex(blob)));
  while (hash.ends_with('=')) hash.pop_back();
  return SshPublicKey{type == 1 ? words.front() : "", words[type] + " " + words[type + 1],
                      "SHA256:" + hash};
}

absl::StatusOr<Signer> verifyBySsh(const std::string& text, const std::string& signature,
                                   const child::Verify& wanted,
                                   const std::filesystem::path& folder) {
  const std::string signatureFile = (folder / "signature").string();
  const std::string allowedFile = (folder / "allowed").string();
  GANTRY_RETURN_IF_ERROR(base::writeFileAtomically(signatureFile, signature, base::kOwnerOnly));
  GANTRY_ASSIGN_OR_RETURN(const std::string fingerprint, fittingKey(text, signatureFile));
  for (const child::TrustedKey& trusted : wanted.keys()) {
    const absl::StatusOr<SshPublicKey> key = parseSshPublicKey(trusted.public_key());
    if (!key.ok() || key->fingerprint != fingerprint) continue;
    const std::string line =
        absl::StrCat("signer namespaces=\"", kNamespace, "\"", key->options.empty() ? "" : ",",
                     key->options, " ", key->key, "\n");
    GANTRY_RETURN_IF_ERROR(base::writeFileAtomically(allowedFile, line, base::kOwnerOnly));
    GANTRY_ASSIGN_OR_RETURN(const ProgramResult checked,
                            sshKeygen({"-Y", "verify", "-f", allowedFile, "-I", "signer", "-n",
                                       kNamespace, "-s", signatureFile},
                                      text));
    if (checked.exitCode == 0) return Signer{trusted.name(), fingerprint};
    const std::string said = checked.output + checked.errors;
    const bool isOutOfTime =
        absl::StrContains(said, "expired") || absl::StrContains(said, "not yet valid");
    return absl::PermissionDeniedError(absl::StrCat(
        "it is signed by the key \"", trusted.name(), "\" (", fingerprint, "), ",
        isOutOfTime ? "which has expired or is not valid yet; sign with a valid key, or change its "
                      "dates"
                    : absl::StrCat("which does not count: ", lastLine(said))));
  }
  return absl::PermissionDeniedError(absl::StrCat(
      "it is signed by an SSH key that is not trusted (", fingerprint,
      "); sign with a trusted key, or add this one to the trusted keys if you know whose it is"));
}

absl::StatusOr<std::string> signBySsh(const std::string& text, const std::string& keyFile) {
  GANTRY_RETURN_IF_ERROR(checkSecretFile(keyFile));
  GANTRY_ASSIGN_OR_RETURN(const ProgramResult signedText,
                          sshKeygen({"-Y", "sign", "-n", kNamespace, "-f", keyFile}, text));
  if (signedText.exitCode != 0 || signedText.output.empty()) {
    return absl::PermissionDeniedError(
        absl::StrCat(keyFile, ": nothing can be signed with it: ", lastLine(signedText.errors),
                     "; give a private SSH key without passphrase"));
  }
  return std::string(absl::StripTrailingAsciiWhitespace(signedText.output));
}

}  // namespace gantry::gitsync
