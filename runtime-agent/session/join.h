// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "runtime-agent/session/identity.h"

namespace gantry::agent {

/// "GANTRY-1-<sha256 of the CA certificate's DER, hex>-<secret>".
struct JoinToken {
  std::string caHash;
  /// The whole token, as the controller wants it back. A secret.
  std::string text;
};

/// Errors: INVALID_ARGUMENT; the token itself is not in the message.
absl::StatusOr<JoinToken> parseJoinToken(std::string_view text);

/// Joins the cluster of the controller at "host:port" as `node`: makes a key (EC P-256), checks
/// that the controller's certificate chain holds the authority that the token names, has the key
/// certified, and stores the three in `folder`. The key never leaves the node. Blocks for up to
/// 20 s: call it before the executor runs.
///
/// Errors: INVALID_ARGUMENT (the token or the address), UNAVAILABLE and DEADLINE_EXCEEDED (no
/// answer: try again), UNAUTHENTICATED (the controller is not of the token's cluster),
/// PERMISSION_DENIED (the token is unknown, expired or was used), ALREADY_EXISTS (a live node has
/// the name).
absl::StatusOr<AgentIdentity> joinCluster(const std::string& address, std::string_view token,
                                          const std::string& node,
                                          const std::filesystem::path& folder);

/// Has the key certified for another term, on the strength of the certificate that still holds, and
/// stores it; connections made a few seconds later use it. Blocks for up to 10 s. Errors:
/// UNAVAILABLE, DEADLINE_EXCEEDED, UNAUTHENTICATED or PERMISSION_DENIED (it has run out: join
/// again).
absl::StatusOr<AgentIdentity> renewIdentity(const std::string& address,
                                            const AgentIdentity& identity, const std::string& node,
                                            const std::filesystem::path& folder);

}  // namespace gantry::agent
