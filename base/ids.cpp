// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"

namespace gantry::base {
namespace {

// Kubernetes' alphabet (apimachinery/pkg/util/rand): no vowels, so no words.
constexpr std::string_view kSafeLetters = "bcdfghjklmnpqrstvwxz2456789";

std::string safeText(std::uint64_t bits, int length) {
  std::string text;
  for (int i = 0; i < length; ++i) {
    text += kSafeLetters[bits % kSafeLetters.size()];
    bits /= kSafeLetters.size();
  }
  return text;
}

std::string sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace

std::string newUid(Executor& executor) {
  const std::uint64_t high = executor.random();
  const std::uint64_t low = executor.random();
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%012x", high >> 32, (high >> 16) & 0xffff,
                         high & 0xfff, 0x8000 | ((low >> 48) & 0x3fff), low & 0xffffffffffff);
}

std::string newNameSuffix(Executor& executor) {
  return safeText(executor.random(), 5);
}

std::string sha256Hex(std::string_view bytes) {
  return absl::BytesToHexString(sha256(bytes));
}

std::string shortHash(std::string_view bytes) {
  const std::string digest = sha256(bytes);
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8 | static_cast<unsigned char>(digest[i]);
  return safeText(bits, 8);
}

}  // namespace gantry::base
