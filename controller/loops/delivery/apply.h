// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/executor.h"
#include "controller/delivery/decide.h"
#include "controller/model/state.h"

namespace gantry::loops {

/// Adds to the transaction everything that carrying out a decision writes besides the Application:
/// the objects, the plan, the history, the audit records; `wish` is whose order the decision was
/// made for, if there was one. `application` is changed to what is to be put. The decision was made
/// from `state` in the same task, so that exactly its plan is applied. With `refreshEffect`, what a
/// plan that goes on waiting would do to pods is found anew.
void carryOut(model::Transaction& transaction, const model::State& state,
              delivery::Decision& decision, const std::optional<delivery::SyncWish>& wish,
              schema::Application& application, base::Executor& executor, bool refreshEffect);

}  // namespace gantry::loops
