// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "controller/api/records.pb.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// "deletes 12 of 14 objects, more than the 10 that syncPolicy.deletionBudget allows"; empty if the
/// changes are within the budget. Pure.
std::string overBudget(const schema::Application& application,
                       const std::vector<api::PlannedChange>& changes);

}  // namespace gantry::delivery
