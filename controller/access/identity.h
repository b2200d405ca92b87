// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/time.h"

namespace gantry::access {

/// What a caller may do. Each person's role includes those before it; agents are apart.
enum class Role { kViewer, kOperator, kApprover, kAdmin, kAgent };

/// "viewer", "operator", "approver", "admin", "agent".
const char* roleName(Role role);

/// The role of a person. Error: INVALID_ARGUMENT, with the names there are.
absl::StatusOr<Role> roleFromName(std::string_view name);

/// Who holds a client certificate.
struct Identity {
  /// "ana"; for an agent the name of its node.
  std::string name;
  Role role = Role::kViewer;

  bool operator==(const Identity&) const = default;
};

/// Subjects: CN=ana, O=gantry:approver; CN=node:n1, O=gantry:agents.
std::string commonNameOf(const Identity& identity);
std::string organisationOf(const Identity& identity);

/// The holder of a certificate that TLS has verified already. Errors: UNAUTHENTICATED (not one of
/// ours, or no longer valid at `now`: a connection may outlive its certificate).
absl::StatusOr<Identity> identityOf(std::string_view certificatePem, base::Timestamp now);

/// Whether `name` can be the name of a person or node: a DNS label, as in Kubernetes.
/// Error: INVALID_ARGUMENT.
absl::Status checkName(std::string_view name);

}  // namespace gantry::access
