// SPDX-License-Identifier: Apache-2.0
#include "controller/webhooks/secrets.h"

#include <openssl/crypto.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/hmac.h"

namespace gantry::webhooks {
namespace {

constexpr std::size_t kDigestSize = 32;

}  // namespace

Secrets::~Secrets() {
  for (std::string& secret : secrets_) OPENSSL_cleanse(secret.data(), secret.size());
}

absl::StatusOr<Secrets> Secrets::parse(std::string_view text, std::string_view place) {
  Secrets secrets;
  int line = 0;
  for (const absl::string_view each :
       absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
    ++line;
    const absl::string_view secret = absl::StripAsciiWhitespace(each);
    if (secret.empty()) continue;
    if (secret.size() < kShortest) {
      return absl::InvalidArgumentError(
          absl::StrCat(std::string(place), ":", line, ": the webhook secret has fewer than ",
                       kShortest, " characters; make one with: openssl rand -hex 32"));
    }
    secrets.secrets_.emplace_back(secret);
  }
  if (secrets.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        std::string(place),
        ": there is no webhook secret in it; write one a line, made with: openssl rand "
        "-hex 32"));
  }
  return secrets;
}

bool Secrets::haveSigned(std::string_view body, std::string_view signature) const {
  if (signature.size() != 2 * kDigestSize) return false;
  for (const char c : signature) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
  }
  const std::string given =
      absl::HexStringToBytes(absl::string_view(signature.data(), signature.size()));
  bool found = false;
  for (const std::string& secret : secrets_) {
    const std::string digest = base::hmacSha256(secret, body);
    found |= CRYPTO_memcmp(digest.data(), given.data(), kDigestSize) == 0;
  }
  return found;
}

bool Secrets::include(std::string_view token) const {
  // Digests have one length: a comparison of the texts would tell that of the secret.
  const std::string given = base::hmacSha256("token", token);
  bool found = false;
  for (const std::string& secret : secrets_) {
    const std::string digest = base::hmacSha256("token", secret);
    found |= CRYPTO_memcmp(digest.data(), given.data(), kDigestSize) == 0;
  }
  return found;
}

}  // namespace gantry::webhooks
