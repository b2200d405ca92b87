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

/// "Deployment shop/front"; a kind without namespaces has none.
std::string objectName(const api::PlannedChange& change);

/// " (removed from Git, wave 1)"; empty if there is nothing to be said.
std::string noteOn(const api::PlannedChange& change);

/// "window: the shop is busy, in 5h (may be overridden)"; without `now`, for what is read later,
/// the time itself: "at 2026-11-21T22:00:00Z".
std::string describeGate(const api::Gate& gate, const std::optional<base::Timestamp>& now = {});

/// A step of applying a plan.
struct PlanStep {
  /// "wave 1"; "PreSync 0"; "Prune 0"; "if one fails".
  std::string title;
  /// "Deployment shop/front", in the order of the plan; of many the first.
  std::vector<std::string> objects;
  /// How many are not among them.
  std::size_t more = 0;
  /// "Progressing: Deployment/shop/back: 1 of 2 pods ready"; empty before it has begun.
  std::string state;
};

/// The waves of a plan in order, last the SyncFail hooks, which wait for one to fail. None if it is
/// applied at once.
std::vector<PlanStep> stepsOf(const api::Plan& plan);

}  // namespace gantry::cli
