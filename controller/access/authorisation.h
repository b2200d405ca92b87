// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "controller/access/identity.h"

namespace gantry::access {

/// Whether the caller may call the method, named as gRPC does: "/gantry.api.Control/Sync". The one
/// place where that is decided; what the table does not name, nobody may call. `caller` is empty
/// for a connection without a client certificate. Pure.
///
/// Errors: UNAUTHENTICATED (a certificate is needed), PERMISSION_DENIED (the role does not allow
/// it), UNIMPLEMENTED (no such method).
absl::Status authorise(std::string_view method, const std::optional<Identity>& caller);

}  // namespace gantry::access
