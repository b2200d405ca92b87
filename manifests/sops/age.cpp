// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/age.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/status.h"
#include "manifests/sops/age_armor.h"
#include "manifests/sops/age_header.h"
#include "manifests/sops/base64.h"
#include "manifests/sops/crypto.h"

namespace gantry::manifests::sops {
namespace {

constexpr std::size_t kMostFileBytes = 16 << 20;
constexpr std::size_t kFileKeyBytes = 16;
constexpr std::size_t kShareBytes = 32;
constexpr std::size_t kPayloadNonceBytes = 16;
constexpr std::size_t kDerivedKeyBytes = 32;
constexpr std::size_t kChunkBytes = 64 << 10;
constexpr std::size_t kNonceBytes = 12;

bool isOfType(const Stanza& stanza, std::string_view type) {
  return stanza.arguments.front() == type;
}

absl::StatusOr<std::optional<SecretBytes>> unwrap(const Stanza& stanza,
                                                  const Identities& identities) {
  const auto share = stanza.arguments.size() == 2
                         ? decodeCanonicalBase64(stanza.arguments[1], Padding::kNone)
                         : std::nullopt;
  if (!share || share->size() != kShareBytes || stanza.body.size() != kFileKeyBytes + kTagBytes) {
    return absl::InvalidArgumentError("a recipient of age is damaged");
  }
  for (const std::shared_ptr<const Identity>& identity : identities.all()) {
    const std::optional<SecretBytes> shared = x25519(identity->key.view(), *share);
    if (!shared) return absl::InvalidArgumentError("a recipient of age has a share that is void");
    const SecretBytes wrapKey = hkdfSha256(shared->view(), *share + identity->publicKey,
                                           "age-encryption.org/v1/X25519", kDerivedKeyBytes);
    const std::string nonce(kNonceBytes, '\0');
    std::optional<SecretBytes> key = openChaCha20Poly1305(wrapKey.view(), nonce, stanza.body);
    if (key) return key;
  }
  return std::nullopt;
}

absl::Status noMatch(const Header& header) {
  const auto some = [&](auto... types) {
    return std::ranges::any_of(
        header.stanzas, [&](const Stanza& stanza) { return (isOfType(stanza, types) || ...); });
  };
  if (some("X25519")) {
    return absl::FailedPreconditionError("it is encrypted for other keys of age than those given");
  }
  if (some("scrypt")) {
    return absl::FailedPreconditionError(
        "it is encrypted with a passphrase (scrypt), which nobody is there to type");
  }
  if (some("ssh-ed25519", "ssh-rsa")) {
    return absl::FailedPreconditionError(
        "it is encrypted for keys of SSH, which are not supported; add a recipient of age-keygen");
  }
  return absl::FailedPreconditionError(
      "it is encrypted for a kind of recipient that is not supported; add one of age-keygen");
}

absl::StatusOr<SecretBytes> unwrapFileKey(const Header& header, const Identities& identities) {
  const bool typed = std::ranges::any_of(
      header.stanzas, [](const Stanza& stanza) { return isOfType(stanza, "scrypt"); });
  if (typed && header.stanzas.size() > 1) {
    return absl::InvalidArgumentError("a passphrase beside other recipients, which age forbids");
  }
  std::optional<SecretBytes> found;
  for (const Stanza& stanza : header.stanzas) {
    if (!isOfType(stanza, "X25519")) continue;
    GANTRY_ASSIGN_OR_RETURN(std::optional<SecretBytes> key, unwrap(stanza, identities));
    if (key && !found) found = std::move(key);
  }
  if (!found) return noMatch(header);
  return *std::move(found);
}

/// STREAM (https://eprint.iacr.org/2015/189): chunks of 64 KiB, each with its number and whether it
/// is the last in its nonce.
absl::StatusOr<SecretBytes> openPayload(std::string_view payload, std::string_view fileKey) {
  if (payload.size() < kPayloadNonceBytes + kTagBytes) {
    return absl::InvalidArgumentError("the content of age is cut off");
  }
  const SecretBytes key =
      hkdfSha256(fileKey, payload.substr(0, kPayloadNonceBytes), "payload", kDerivedKeyBytes);
  payload.remove_prefix(kPayloadNonceBytes);
  SecretBytes content(payload.size());
  std::size_t filled = 0;
  for (std::uint32_t number = 0;; ++number) {
    const std::string_view sealed = payload.substr(0, kChunkBytes + kTagBytes);
    const bool last = sealed.size() == payload.size();
    std::string nonce(kNonceBytes, '\0');
    for (int byte = 0; byte < 4; ++byte) {
      nonce[kNonceBytes - 2 - byte] = static_cast<char>(number >> (8 * byte));
    }
    nonce.back() = last ? 1 : 0;
    const std::optional<SecretBytes> chunk = openChaCha20Poly1305(key.view(), nonce, sealed);
    if (!chunk) {
      return absl::InvalidArgumentError("the content of age is damaged, cut off or continued");
    }
    if (last && number > 0 && chunk->size() == 0) {
      return absl::InvalidArgumentError("the content of age ends with an empty part");
    }
    std::ranges::copy(chunk->view(), content.data() + filled);
    filled += chunk->size();
    if (last) break;
    payload.remove_prefix(sealed.size());
  }
  content.truncate(filled);
  return content;
}

}  // namespace

absl::StatusOr<SecretBytes> decryptAge(std::string_view file, const Identities& identities) {
  if (file.size() > kMostFileBytes)
    return absl::InvalidArgumentError("the file of age is too large");
  std::string binary;
  if (isArmored(file)) {
    GANTRY_ASSIGN_OR_RETURN(binary, removeArmor(file));
    file = binary;
  }
  GANTRY_ASSIGN_OR_RETURN(const Header header, parseHeader(file));
  GANTRY_ASSIGN_OR_RETURN(const SecretBytes fileKey, unwrapFileKey(header, identities));
  const SecretBytes macKey = hkdfSha256(fileKey.view(), {}, "header", kDerivedKeyBytes);
  if (!sameBytes(hmacSha256(macKey.view(), header.authenticated), header.mac)) {
    return absl::InvalidArgumentError("the header of age was changed: its MAC is wrong");
  }
  return openPayload(header.payload, fileKey.view());
}

}  // namespace gantry::manifests::sops
