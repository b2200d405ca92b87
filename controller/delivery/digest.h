// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "controller/api/records.pb.h"

namespace gantry::delivery {

/// What an approval binds to: SHA-256, lower-case hex, over these texts, each preceded by its
/// length in decimal and a colon: "gantry-plan-v1", the Application's namespace and name, the
/// revision's commit and rendered hash, and for every change in order its action ("CREATE"), kind,
/// namespace, name, before hash and after hash. Anybody can compute it from the Plan alone. Pure.
std::string planDigest(const api::Plan& plan);

}  // namespace gantry::delivery
