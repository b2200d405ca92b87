// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/time.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// What may be wrong with an Application; the condition is there, with status True, while it is.
inline constexpr char kSourceProblem[] = "Source";
inline constexpr char kRenderProblem[] = "Render";
inline constexpr char kApplyProblem[] = "Apply";

/// Sets the condition `type` to say `problem`, or takes it away if that is empty.
void setProblem(schema::ApplicationStatus& status, const std::string& type,
                const std::string& problem, base::Timestamp now);

}  // namespace gantry::delivery
