// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// Whether somebody has suspended the Application, and that has not run out. Pure.
bool isSuspended(const schema::Application& application, base::Timestamp now);

/// When the suspension ends by itself; nothing if it does not, or there is none. Pure.
std::optional<base::Timestamp> suspensionEnds(const schema::Application& application);

/// "suspended by ana until 2026-…: database move"; also of one that has run out.
std::string suspensionMessage(const schema::Suspension& suspension);

}  // namespace gantry::delivery
