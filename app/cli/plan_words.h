// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "controller/api/records.pb.h"

namespace gantry::cli {

// The words that a plan's text and its Markdown share. Pure.

/// "1 created, 3 changed, 1 deleted, 2 hooks run"; "no changes".
std::string formatCounts(const api::Plan& plan);

/// "6 pods restart, 0 created, 1 deleted; requests +1200m CPU, +4Gi memory".
std::string formatTotals(const api::PlanEffect& effect);

/// What the plan starts from: the revision that is applied, or "nothing".
std::string describeBase(const api::Plan& plan);

/// " (removed from Git, wave 1)"; empty if there is nothing to be said.
std::string noteOn(const api::PlannedChange& change);

/// "window: the shop is busy, in 5h (may be overridden)"; without `now`, for what is read later,
/// the time itself: "at 2026-11-21T22:00:00Z".
std::string describeGate(const api::Gate& gate, const std::optional<base::Timestamp>& now = {});

}  // namespace gantry::cli
