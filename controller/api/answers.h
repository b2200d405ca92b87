// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gantry::api {

/// RollbackResponse.message when all of a rollback is done. Any other says what is not: the commit
/// in `revert` is then not the one that reverts.
inline constexpr char kRollbackInGit[] = "applied, and the revert commit is in Git";

}  // namespace gantry::api
