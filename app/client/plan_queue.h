// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/client/live_cache.h"

namespace gantry::client {

// How the plans of an Application follow each other. All look through the plans of its namespace.

/// The newest plan of an Application, those that only put drift back by themselves aside; null if
/// there is none.
ObjectPtr newestPlan(const LiveCache& cache, const std::string& ns, const std::string& application);

/// Whether somebody may want to look at the plan: it may still be applied, or it has failed and
/// nothing newer took its place.
bool isInQueue(const LiveCache& cache, const api::Plan& plan);

/// The plan that takes the place of one that was superseded: the newest of its Application that may
/// still be applied. Null if there is none, or the plan was not superseded.
ObjectPtr successorOf(const LiveCache& cache, const api::Plan& plan);

/// What somebody who has looked at `before` has not seen of `after`, a line each: another commit,
/// objects that came, went, or have other content. What the controller says where it does. Pure.
std::vector<std::string> changedBetween(const api::Plan& before, const api::Plan& after);

}  // namespace gantry::client
