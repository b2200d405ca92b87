// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "manifests/resource.h"

namespace gantry::manifests {

/// Fills in what the author left out, with Kubernetes' defaults (facts AT-DEP-01, AT-POD-01, 12,
/// 14, 15, AT-PRB-01, AT-SVC-01). Idempotent. Pure.
void applyDefaults(google::protobuf::Message& resource);

}  // namespace gantry::manifests
