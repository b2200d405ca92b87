// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::model {

/// Adds to `transaction` what begins the deletion of an object that a person or Git may delete.
/// What depends on it follows by the loops: a Deployment's ReplicaSets, the Pods of a
/// ReplicaSet or Job with their grace period, everything in a Namespace. A Pod is told to go and is
/// erased when its node says that nothing of it is left; a Namespace when it is empty; all else at
/// once. Errors: NOT_FOUND, INVALID_ARGUMENT (not such a kind).
absl::Status beginDeletion(Transaction& transaction, const State& state, std::string_view kind,
                           const Name& name, const std::string& reason, base::Timestamp now);

/// The same for a Pod: a Pod on no node is erased. Nothing happens if it is on its way already.
void beginPodDeletion(Transaction& transaction, const Pod& pod, const std::string& reason,
                      base::Timestamp now);

}  // namespace gantry::model
