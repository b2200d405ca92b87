// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gantry::desktop {

/// Lets screen readers read every DiffView: how many changes there are as its description, its
/// lines as its value. Called by each DiffView, acts once. GUI thread.
void makeDiffsAccessible();

}  // namespace gantry::desktop
