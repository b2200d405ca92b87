// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "manifests/schema/meta.pb.h"

namespace gantry::workloads {

/// The number, or the percentage of `whole`. What is neither was refused when the manifest was
/// validated, and is 0 here. Pure.
inline int resolve(const schema::IntOrString& value, int whole, bool roundUp) {
  if (value.value_case() == schema::IntOrString::kNumber) return value.number();
  std::int64_t percent = 0;
  if (!absl::SimpleAtoi(absl::StripSuffix(value.text(), "%"), &percent)) return 0;
  return static_cast<int>((percent * whole + (roundUp ? 99 : 0)) / 100);
}

}  // namespace gantry::workloads
