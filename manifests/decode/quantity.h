// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "manifests/schema/meta.pb.h"

namespace gantry::manifests {

/// An amount as Kubernetes writes it ("250m", "1.5", "64Mi", "1e3") in thousandths, rounded up as
/// Kubernetes does. Errors: INVALID_ARGUMENT (not a quantity), OUT_OF_RANGE.
absl::StatusOr<std::int64_t> parseMillis(const std::string& text);

/// The same in whole units (bytes, cores, pods), rounded up.
absl::StatusOr<std::int64_t> parseUnits(const std::string& text);

/// Amounts that were validated before; 0 for an absent one.
std::int64_t millisOf(const schema::Quantity& quantity);
std::int64_t unitsOf(const schema::Quantity& quantity);

/// "250m", "2"; "64Mi", "1536Ki": the shortest that is exact.
std::string formatMillis(std::int64_t millis);
std::string formatBytes(std::int64_t bytes);

}  // namespace gantry::manifests
