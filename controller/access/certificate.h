// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/openssl.h"
#include "base/time.h"

namespace gantry::access {

/// What a certificate says and how long it holds.
struct CertificateSpec {
  enum class Use { kAuthority, kServer, kClient };
  Use use = Use::kClient;
  std::string commonName;
  /// Empty: none.
  std::string organisation;
  /// Servers only: DNS names and IP addresses.
  std::vector<std::string> alternativeNames;
  base::Timestamp notBefore;
  base::Timestamp notAfter;
};

/// A certificate for `key`, signed with `issuerKey`. `issuer` is null for one that signs itself.
/// Error: INVALID_ARGUMENT (a name that no certificate can hold).
absl::StatusOr<base::CertificatePtr> makeCertificate(const CertificateSpec& spec, EVP_PKEY* key,
                                                     X509* issuer, EVP_PKEY* issuerKey);

}  // namespace gantry::access
