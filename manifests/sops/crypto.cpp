// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/crypto.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/check.h"

namespace gantry::manifests::sops {
namespace {

constexpr std::size_t kCurveBytes = 32;
constexpr std::size_t kMostNonceBytes = 128;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

OSSL_PARAM octets(const char* name, std::string_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
}

/// Nothing if the tag is wrong, and the queue of errors as it was.
std::optional<SecretBytes> open(const EVP_CIPHER* cipher, std::string_view key,
                                std::string_view nonce, std::string_view additional,
                                std::string_view ciphertext, std::string_view tag) {
  GANTRY_CHECK(key.size() == static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher)));
  if (tag.size() != kTagBytes || nonce.empty() || nonce.size() > kMostNonceBytes) {
    return std::nullopt;
  }
  const CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  SecretBytes plain(ciphertext.size());
  int length = 0;
  ERR_set_mark();
  const auto size = [](std::string_view text) { return static_cast<int>(text.size()); };
  const bool good =
      EVP_DecryptInit_ex(context.get(), cipher, nullptr, nullptr, nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, size(nonce), nullptr) == 1 &&
      EVP_DecryptInit_ex(context.get(), nullptr, nullptr, bytesOf(key), bytesOf(nonce)) == 1 &&
      (additional.empty() || EVP_DecryptUpdate(context.get(), nullptr, &length, bytesOf(additional),
                                               size(additional)) == 1) &&
      (ciphertext.empty() || EVP_DecryptUpdate(context.get(), plain.data(), &length,
                                               bytesOf(ciphertext), size(ciphertext)) == 1) &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, size(tag),
                          const_cast<char*>(tag.data())) == 1 &&
      EVP_DecryptFinal_ex(context.get(), plain.data() + plain.size(), &length) == 1;
  ERR_pop_to_mark();
  if (!good) return std::nullopt;
  return plain;
}

Key privateKeyOf(std::string_view bytes) {
  GANTRY_CHECK(bytes.size() == kCurveBytes);
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytesOf(bytes), bytes.size()),
          &EVP_PKEY_free);
  GANTRY_CHECK(key != nullptr);
  return key;
}

}  // namespace

SecretBytes hkdfSha256(std::string_view key, std::string_view salt, std::string_view info,
                       std::size_t size) {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(
      EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(
      EVP_KDF_CTX_new(kdf.get()), &EVP_KDF_CTX_free);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      octets(OSSL_KDF_PARAM_KEY, key), octets(OSSL_KDF_PARAM_INFO, info),
      // Without a salt it is zeros (RFC 5869, 2.2); OpenSSL wants it left out.
      salt.empty() ? OSSL_PARAM_construct_end() : octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_end()};
  SecretBytes result(size);
  GANTRY_CHECK(EVP_KDF_derive(context.get(), result.data(), size, parameters) == 1);
  return result;
}

std::string hmacSha256(std::string_view key, std::string_view text) {
  unsigned char result[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  GANTRY_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytesOf(text),
                    text.size(), result, &size) != nullptr);
  return {reinterpret_cast<const char*>(result), size};
}

bool sameBytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<SecretBytes> openChaCha20Poly1305(std::string_view key, std::string_view nonce,
                                                std::string_view sealed) {
  if (sealed.size() < kTagBytes) return std::nullopt;
  const std::size_t size = sealed.size() - kTagBytes;
  return open(EVP_chacha20_poly1305(), key, nonce, {}, sealed.substr(0, size), sealed.substr(size));
}

std::optional<SecretBytes> openAes256Gcm(std::string_view key, std::string_view nonce,
                                         std::string_view additional, std::string_view ciphertext,
                                         std::string_view tag) {
  return open(EVP_aes_256_gcm(), key, nonce, additional, ciphertext, tag);
}

std::optional<SecretBytes> x25519(std::string_view privateKey, std::string_view publicKey) {
  if (publicKey.size() != kCurveBytes) return std::nullopt;
  const Key mine = privateKeyOf(privateKey);
  const Key theirs(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, bytesOf(publicKey), publicKey.size()),
      &EVP_PKEY_free);
  const KeyContext context(EVP_PKEY_CTX_new(mine.get(), nullptr), &EVP_PKEY_CTX_free);
  SecretBytes shared(kCurveBytes);
  std::size_t size = shared.size();
  ERR_set_mark();
  // The derivation fails on zero, as RFC 7748, 6.1, has it.
  const bool good = theirs != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
                    EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1 &&
                    EVP_PKEY_derive(context.get(), shared.data(), &size) == 1 &&
                    size == kCurveBytes;
  ERR_pop_to_mark();
  if (!good) return std::nullopt;
  return shared;
}

std::string x25519PublicKey(std::string_view privateKey) {
  std::string result(kCurveBytes, '\0');
  std::size_t size = result.size();
  GANTRY_CHECK(EVP_PKEY_get_raw_public_key(privateKeyOf(privateKey).get(),
                                           reinterpret_cast<unsigned char*>(result.data()),
                                           &size) == 1);
  return result;
}

Sha512::Sha512() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
  GANTRY_CHECK(EVP_DigestInit_ex(context_.get(), EVP_sha512(), nullptr) == 1);
}

void Sha512::add(std::string_view text) {
  GANTRY_CHECK(EVP_DigestUpdate(context_.get(), text.data(), text.size()) == 1);
}

std::string Sha512::finish() {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  GANTRY_CHECK(EVP_DigestFinal_ex(context_.get(), hash, &size) == 1);
  return absl::AsciiStrToUpper(
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash), size)));
}

}  // namespace gantry::manifests::sops
