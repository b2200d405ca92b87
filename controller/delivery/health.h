// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "controller/model/state.h"
#include "manifests/resource.h"

namespace gantry::delivery {

struct Health {
  /// "Healthy", "Suspended", "Progressing", "Missing", "Degraded": in this order, the worst of all
  /// objects of the Application's inventory.
  std::string health;
  /// Why it is not Healthy: what the first of the worst objects says.
  std::string message;
};

/// How the objects of an Application are doing. A status that was not yet computed for the newest
/// spec is Progressing. Pure.
Health healthOf(const schema::Application& application, const model::State& state);

/// How one object is doing; its message does not name it. Pure.
Health healthOf(const manifests::ObjectKey& key, const model::State& state);

}  // namespace gantry::delivery
