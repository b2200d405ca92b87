// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "controller/access/identity.h"

namespace gantry::access {

/// A certificate with its private key, both PEM.
struct Credentials {
  std::string certificate;
  std::string key;
};

/// How long certificates hold. They begin an hour early, for clocks that are behind.
inline constexpr base::Duration kClockSkew = std::chrono::hours(1);
inline constexpr base::Duration kAuthorityValidity = std::chrono::hours(24 * 365 * 20);
inline constexpr base::Duration kPersonValidity = std::chrono::hours(24 * 365);
inline constexpr base::Duration kNodeValidity = std::chrono::hours(24 * 7);

/// The certificate authority of one cluster: EC P-256, key and certificate kept as ca.pem (0600) in
/// a directory. Never changes once open; any thread.
class CertificateAuthority {
 public:
  /// Opens the authority of `directory`, or makes it if there is none. Errors: those of
  /// base/file.h; DATA_LOSS (the file is there but does not hold a key and its certificate).
  static absl::StatusOr<std::unique_ptr<CertificateAuthority>> open(
      const std::filesystem::path& directory, base::Timestamp now);
  ~CertificateAuthority();

  /// PEM.
  const std::string& certificate() const;

  /// Lower-case hex of SHA-256 over the certificate's DER: what join tokens carry.
  const std::string& certificateHash() const;

  /// 32 bytes that only who has the authority's key can know, another for each purpose, the same
  /// after every start.
  std::string deriveKey(std::string_view purpose) const;

  /// For the server, with the authority's certificate as the end of the chain, so that a joining
  /// agent can compare it with its token. Holds as long as the authority: the key is made at every
  /// start and kept in memory only. Error: INVALID_ARGUMENT (not a host name or address).
  absl::StatusOr<Credentials> issueServer(const std::vector<std::string>& names,
                                          base::Timestamp now) const;

  /// For a person. Error: INVALID_ARGUMENT.
  absl::StatusOr<Credentials> issueClient(const Identity& identity, base::Duration validity,
                                          base::Timestamp now) const;

  /// Signs the public key of a request as that of `identity`; the subject that the request asks for
  /// is not looked at. Error: INVALID_ARGUMENT (not a request, or not signed by its own key).
  absl::StatusOr<std::string> sign(std::string_view requestPem, const Identity& identity,
                                   base::Duration validity, base::Timestamp now) const;

 private:
  struct Parts;
  explicit CertificateAuthority(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace gantry::access
