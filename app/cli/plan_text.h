// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "app/cli/terminal.h"
#include "base/time.h"
#include "controller/api/records.pb.h"

namespace gantry::cli {

/// A plan as people read it: first what it comes to, then what changes, field by field with what is
/// risky marked, the effect on pods, what it waits for, and the digest that an approval is bound
/// to. Of a preview, which has no name, only what it would change.
std::string formatPlan(const api::Plan& plan, const Terminal& terminal, base::Timestamp now);

/// The same as Markdown, to be posted under a merge request: a heading, the summary, the risky
/// fields as a table, the order, the gates, and every object's changed fields folded away.
std::string formatPlanMarkdown(const api::Plan& plan);

}  // namespace gantry::cli
