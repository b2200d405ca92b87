// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "manifests/sops/secret_bytes.h"

namespace gantry::manifests::sops {

/// Bytes that a tag of authentication takes, in ChaCha20-Poly1305 and in AES-GCM.
inline constexpr std::size_t kTagBytes = 16;

/// RFC 5869 with SHA-256.
SecretBytes hkdfSha256(std::string_view key, std::string_view salt, std::string_view info,
                       std::size_t size);

/// RFC 2104 with SHA-256: 32 bytes.
std::string hmacSha256(std::string_view key, std::string_view text);

/// Whether both are the same, in a time that depends on their sizes only.
bool sameBytes(std::string_view a, std::string_view b);

/// RFC 8439, without additional data: `sealed` is the ciphertext and its tag, `key` has 32 bytes
/// and `nonce` 12. Nothing if the tag is wrong.
std::optional<SecretBytes> openChaCha20Poly1305(std::string_view key, std::string_view nonce,
                                                std::string_view sealed);

/// AES-256 in GCM with a nonce of any length up to 128 bytes. Nothing if the tag is wrong.
std::optional<SecretBytes> openAes256Gcm(std::string_view key, std::string_view nonce,
                                         std::string_view additional, std::string_view ciphertext,
                                         std::string_view tag);

/// RFC 7748: what two people share, from the private key of one and the public key of the other, 32
/// bytes each. Nothing if the public key is one of those that give zero.
std::optional<SecretBytes> x25519(std::string_view privateKey, std::string_view publicKey);
/// The public key of a private one.
std::string x25519PublicKey(std::string_view privateKey);

/// SHA-512 of a text that comes in parts.
class Sha512 {
 public:
  Sha512();
  void add(std::string_view text);
  /// In upper-case hex. The last call.
  std::string finish();

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace gantry::manifests::sops
