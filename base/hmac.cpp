// SPDX-License-Identifier: Apache-2.0
#include "base/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace gantry::base {

std::string hmacSha256(std::string_view key, std::string_view text) {
  std::string digest(32, '\0');
  const unsigned char* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                   reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                                   reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  GANTRY_CHECK(made != nullptr);
  return digest;
}

}  // namespace gantry::base
