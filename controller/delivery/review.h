// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "controller/model/state.h"

namespace gantry::delivery {

/// What is different between two plans of an Application, in lines that people read: the commit,
/// changes that are new, gone, or other than before, with the fields that are (masked as in the
/// plans). Pure.
std::vector<std::string> changedSince(const api::Plan& before, const api::Plan& after);

/// Writes into `plan`, which is new, which plan it has to be compared with: the newest that
/// somebody had approved since something was applied last, whatever came in between. Nothing if
/// there is none, or if its approvals count for `plan`. Pure.
void rememberApproved(api::Plan& plan, const model::State& state);

}  // namespace gantry::delivery
