// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/sealed.h"

#include <openssl/rand.h>

#include "base/check.h"
#include "base/openssl.h"

namespace gantry::agent {
namespace {

constexpr std::string_view kForm = "gantry-1";
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

int length(std::string_view text) {
  return static_cast<int>(text.size());
}

}  // namespace

std::string seal(const std::string& key, std::string_view plain) {
  GANTRY_CHECK(key.size() == kSealKeyBytes);
  std::string nonce(kNonceBytes, '\0'), cipher(plain.size(), '\0'), tag(kTagBytes, '\0');
  GANTRY_CHECK(RAND_bytes(bytes(nonce), kNonceBytes) == 1);
  const base::CipherPtr context(EVP_CIPHER_CTX_new());
  int count = 0;
  // The form is authenticated as well, so that a later one cannot be passed off as this.
  GANTRY_CHECK(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                                  bytes(std::string_view(key)),
                                  bytes(std::string_view(nonce))) == 1);
  GANTRY_CHECK(EVP_EncryptUpdate(context.get(), nullptr, &count, bytes(kForm), length(kForm)) == 1);
  GANTRY_CHECK(
      EVP_EncryptUpdate(context.get(), bytes(cipher), &count, bytes(plain), length(plain)) == 1);
  GANTRY_CHECK(EVP_EncryptFinal_ex(context.get(), bytes(cipher) + count, &count) == 1);
  GANTRY_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) ==
               1);
  return std::string(kForm) + nonce + cipher + tag;
}

absl::StatusOr<std::string> unseal(const std::string& key, std::string_view sealed) {
  absl::Status error = absl::DataLossError("the content is damaged or under another key");
  if (key.size() != kSealKeyBytes || !sealed.starts_with(kForm) ||
      sealed.size() < kForm.size() + kNonceBytes + kTagBytes) {
    return error;
  }
  const std::string_view nonce = sealed.substr(kForm.size(), kNonceBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  sealed.remove_prefix(kForm.size() + kNonceBytes);
  sealed.remove_suffix(kTagBytes);
  std::string plain(sealed.size(), '\0');
  const base::CipherPtr context(EVP_CIPHER_CTX_new());
  int count = 0, last = 0;
  const bool good =
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(std::string_view(key)),
                         bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &count, bytes(kForm), length(kForm)) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes(plain), &count, bytes(sealed), length(sealed)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes(plain) + count, &last) == 1;
  if (!good) return error;
  return plain;
}

}  // namespace gantry::agent
