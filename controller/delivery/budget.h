// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "controller/api/records.pb.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// Why a person has to agree to the deletions: "deletes 12 of 14 objects, more than the 10 that
/// syncPolicy.deletionBudget allows", or something that the Application has not applied goes with a
/// Namespace or an Application. Empty if nobody has to. Pure.
std::string overBudget(const schema::Application& application,
                       const std::vector<api::PlannedChange>& changes);

}  // namespace gantry::delivery
