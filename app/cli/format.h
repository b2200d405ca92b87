// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/cli/terminal.h"
#include "controller/api/records.pb.h"
#include "controller/api/watch.pb.h"

namespace gantry::cli {

/// Objects as YAML documents, or as one JSON list (one object: the object itself).
std::string formatObjects(const std::vector<api::Object>& objects, bool json);

/// A plan as people read it: what changes, field by field with what is risky marked, the effect on
/// pods, and the digest that an approval is bound to.
std::string formatPlan(const api::Plan& plan, const Terminal& terminal);

/// The same for programs.
std::string formatPlanJson(const api::Plan& plan);

}  // namespace gantry::cli
