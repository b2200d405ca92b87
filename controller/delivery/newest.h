// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "controller/delivery/decide.h"

namespace gantry::delivery {

/// Parts of decide, for its own files only.

/// What an Application's status says of it.
inline constexpr char kSynced[] = "Synced";
inline constexpr char kOutOfSync[] = "OutOfSync";
inline constexpr char kUnknown[] = "Unknown";

/// A decision that changes nothing, and says why.
Decision outOfSync(std::string message);

/// A plan of these changes, with its digest; who sets it off and who has to approve it is not said.
api::Plan makePlan(const schema::Application& application, const schema::Revision& revision,
                   const std::string& renderedHash, const std::vector<api::PlannedChange>& changes,
                   std::string cause);

/// What there is to do about what Git holds now, whatever else is under way: decide says when that
/// counts. Pure.
Decision decideNewest(const Situation& now);

}  // namespace gantry::delivery
