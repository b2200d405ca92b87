// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "controller/api/agent.pb.h"
#include "controller/model/state.h"

namespace gantry::nodes {

/// The pod as its agent reports it; nothing if that says nothing new. The phase only rises, and an
/// end is final. Conditions that the controller sets itself (PodScheduled) are kept. Pure.
std::optional<model::Pod> withReport(const model::Pod& pod, const api::ObservedPod& report);

/// The pod, no longer Ready; nothing if it is not. Pure.
std::optional<model::Pod> withoutReadiness(const model::Pod& pod, const std::string& reason,
                                           const std::string& message, base::Timestamp now);

}  // namespace gantry::nodes
