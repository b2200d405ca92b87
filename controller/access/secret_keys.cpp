// SPDX-License-Identifier: Apache-2.0
#include "controller/access/secret_keys.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/openssl.h"
#include "base/status.h"

namespace gantry::access {
namespace {

// Sealed form: "1", key id (8), nonce (12), cipher text, tag (16).
constexpr char kForm = '1';
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHeaderBytes = 1 + kIdBytes + kNonceBytes;

unsigned char* bytesOf(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
int sizeOf(std::string_view text) {
  return static_cast<int>(text.size());
}

}  // namespace

absl::StatusOr<SecretKeys> SecretKeys::open(const std::filesystem::path& file) {
  absl::StatusOr<std::string> text = base::readFile(file);
  if (absl::IsNotFound(text.status())) {
    text = absl::StrCat(absl::BytesToHexString(base::randomBytes(kKeyBytes)), "\n");
    GANTRY_RETURN_IF_ERROR(base::writeFileAtomically(file, *text, base::kOwnerOnly));
  }
  if (!text.ok()) return text.status();
  std::vector<Key> keys;
  for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipWhitespace())) {
    std::string bytes = absl::HexStringToBytes(line);
    if (line.size() != 2 * kKeyBytes || absl::BytesToHexString(bytes) != line) {
      return absl::DataLossError(absl::StrCat(file.string(), ":", keys.size() + 1,
                                              ": not a key; restore the file from a backup"));
    }
    keys.push_back({base::sha256Hex(bytes).substr(0, kIdBytes), std::move(bytes)});
  }
  if (keys.empty()) {
    return absl::DataLossError(
        absl::StrCat(file.string(), " holds no key; restore the file from a backup"));
  }
  return SecretKeys(std::move(keys));
}

std::string SecretKeys::seal(std::string_view plain, std::string_view context) const {
  const Key& key = keys_.front();
  const std::string nonce = base::randomBytes(kNonceBytes);
  const base::CipherPtr cipher(EVP_CIPHER_CTX_new());
  std::string text(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int count = 0;
  GANTRY_CHECK(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                                  bytesOf(std::string_view(key.bytes)),
                                  bytesOf(std::string_view(nonce))) == 1);
  GANTRY_CHECK(
      EVP_EncryptUpdate(cipher.get(), nullptr, &count, bytesOf(context), sizeOf(context)) == 1);
  GANTRY_CHECK(
      EVP_EncryptUpdate(cipher.get(), bytesOf(text), &count, bytesOf(plain), sizeOf(plain)) == 1);
  GANTRY_CHECK(EVP_EncryptFinal_ex(cipher.get(), nullptr, &count) == 1);
  GANTRY_CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1);
  return absl::StrCat(std::string(1, kForm), key.id, nonce, text, tag);
}

absl::StatusOr<std::string> SecretKeys::unseal(std::string_view sealed,
                                               std::string_view context) const {
  if (sealed.size() < kHeaderBytes + kTagBytes || sealed.front() != kForm) {
    return absl::DataLossError("not encrypted in a form that is known");
  }
  const std::string_view id = sealed.substr(1, kIdBytes);
  const Key* key = find(id);
  if (!key) {
    return absl::DataLossError(absl::StrCat("encrypted with the key ",
                                            absl::CHexEscape(std::string(id)),
                                            ", which is missing from the key file"));
  }
  const std::string_view nonce = sealed.substr(1 + kIdBytes, kNonceBytes);
  const std::string_view text =
      sealed.substr(kHeaderBytes, sealed.size() - kHeaderBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  const base::CipherPtr cipher(EVP_CIPHER_CTX_new());
  std::string plain(text.size(), '\0');
  int count = 0;
  const bool opened =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                         bytesOf(std::string_view(key->bytes)), bytesOf(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &count, bytesOf(context), sizeOf(context)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytesOf(plain), &count, bytesOf(text), sizeOf(text)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), nullptr, &count) == 1;
  if (!opened) return absl::DataLossError("changed since it was encrypted, or moved");
  return plain;
}

const SecretKeys::Key* SecretKeys::find(std::string_view id) const {
  for (const Key& key : keys_) {
    if (key.id == id) return &key;
  }
  return nullptr;
}

}  // namespace gantry::access
