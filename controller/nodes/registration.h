// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/time.h"
#include "controller/api/agent.pb.h"
#include "controller/model/state.h"

namespace gantry::nodes {

/// The record of a node whose agent says hello. A known node keeps its uid, its address range, its
/// taints, its cordon and the labels that the agent does not name; `uid` and `podCidr` are for a
/// new one. The label kubernetes.io/hostname is the controller's: it is always the name from the
/// certificate. The status is left to statusFor. Pure.
schema::Node registerNode(const schema::Node* known, const std::string& name,
                          const api::Hello& hello, const std::string& uid,
                          const std::string& podCidr, base::Timestamp now);

}  // namespace gantry::nodes
