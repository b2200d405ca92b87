// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "controller/model/state.h"
#include "manifests/resource.h"

namespace gantry::delivery {

struct Health {
  /// "Healthy", "Suspended", "Progressing", "Missing", "Degraded": in this order, the worst of all
  /// objects of the Application's inventory.
  std::string health;
  /// Why it is not Healthy: what the first of the worst objects says.
  std::string message;
  /// When it may be another one although nothing else changes.
  std::optional<base::Timestamp> changesAt;
};

/// How the objects of an Application are doing. A status that was not yet computed for the newest
/// spec is Progressing. A Deployment is Degraded if its rollout has missed its deadline, or if it
/// was rolled out and lacks pods by their own fault (workloads/shortfall.h). Pure.
Health healthOf(const schema::Application& application, const model::State& state,
                base::Timestamp now);

/// How one object is doing; its message does not name it. Pure.
Health healthOf(const manifests::ObjectKey& key, const model::State& state, base::Timestamp now);

}  // namespace gantry::delivery
