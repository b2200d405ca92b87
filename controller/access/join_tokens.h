// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "controller/store/store.h"

namespace gantry::access {

/// The tokens with which nodes join: "GANTRY-1-<CA hash>-<secret>". Each lets one node in, until it
/// expires. Only the hash of the secret is kept, in the store, so that tokens outlive a restart.
/// Controller's thread.
class JoinTokens {
 public:
  static constexpr base::Duration kDefaultTtl = std::chrono::hours(24);
  static constexpr base::Duration kLongestTtl = std::chrono::hours(24 * 30);

  struct Token {
    std::string text;
    base::Timestamp expiresAt;
  };

  /// `store` must outlive this. `authorityHash` is CertificateAuthority::certificateHash.
  JoinTokens(store::Store& store, std::string authorityHash);

  /// A new token; zero `ttl` is the default. Also forgets tokens that have expired. Errors:
  /// INVALID_ARGUMENT (ttl is negative or too long), those of the store.
  absl::StatusOr<Token> create(const std::string& by, base::Duration ttl, base::Timestamp now);

  /// Uses a token up for `node`. Errors: PERMISSION_DENIED (not a token of this cluster, unknown,
  /// expired, used), those of the store.
  absl::Status redeem(std::string_view token, const std::string& node, base::Timestamp now);

 private:
  absl::Status forgetExpired(base::Timestamp now);

  store::Store& store_;
  std::string authorityHash_;
};

}  // namespace gantry::access
