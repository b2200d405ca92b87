// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "controller/model/state.h"

namespace gantry::delivery {

/// What is different between two plans of an Application, in lines that people read: the commit,
/// changes that are new, gone, or other than before. Pure.
std::vector<std::string> changedSince(const api::Plan& before, const api::Plan& after);

/// Writes into `plan`, which takes the place of `open`, which approved plan it has to be compared
/// with: `open` if somebody had approved it, else the one that `open` remembers. Pure.
void rememberApproved(api::Plan& plan, const api::Plan& open, const model::State& state);

}  // namespace gantry::delivery
