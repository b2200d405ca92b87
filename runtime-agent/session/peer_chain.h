// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"

namespace gantry::agent {

/// The certificates that a TLS server at "host:port" shows, its own first, PEM. Nothing is
/// verified: it only learns what is claimed. Blocks. Errors: INVALID_ARGUMENT (the address),
/// UNAVAILABLE.
absl::StatusOr<std::vector<std::string>> fetchPeerChain(const std::string& address,
                                                        base::Duration timeout);

/// Lower-case hex of SHA-256 over the certificate's DER. Error: INVALID_ARGUMENT.
absl::StatusOr<std::string> certificateHash(const std::string& pem);

}  // namespace gantry::agent
