// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/desktop/widgets/confirm_dialog.h"

namespace gantry::desktop {

// What is asked before something is decided about a plan. `production`: of such a cluster the
// Application's name is to be typed. Pure.

/// How many objects the plan deletes: approving it is asked about if there is one.
int countDeletions(const api::Plan& plan);
Question deletionQuestion(const api::Plan& plan, bool production);

/// Names the gates that are passed, and those that count all the same.
Question overrideQuestion(const api::Plan& plan, bool production);

Question syncQuestion(const api::Plan& plan);

}  // namespace gantry::desktop
