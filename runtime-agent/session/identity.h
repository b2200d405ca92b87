// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "base/time.h"

namespace gantry::agent {

/// Who the agent is to the controller, and whom it takes for the controller. All PEM.
struct AgentIdentity {
  std::string certificate;
  std::string key;
  /// The only authority that is trusted.
  std::string caCertificate;
};

/// Where a folder holds the identity: agent.crt, agent.key, ca.crt, all 0600.
struct IdentityFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path caCertificate;
};
IdentityFiles identityFiles(const std::filesystem::path& folder);

/// What an earlier join stored. Errors: NOT_FOUND (never joined), and those of base/file.h.
absl::StatusOr<AgentIdentity> loadIdentity(const std::filesystem::path& folder);

/// Stores it; the certificate last, so that what can be loaded is whole. Errors: as base/file.h.
absl::Status storeIdentity(const std::filesystem::path& folder, const AgentIdentity& identity);

/// Whether two thirds of the certificate's time are over. Error: DATA_LOSS (not a certificate).
absl::StatusOr<bool> needsRenewal(const AgentIdentity& identity, base::Timestamp now);

}  // namespace gantry::agent
