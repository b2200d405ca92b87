// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::delivery {

/// What an Application with a promotion may take over from the one before it.
struct Promoted {
  /// The commit to look at instead of the head of the branch; empty: none yet.
  std::string commit;
  /// What a newer revision still waits for; empty if there is none.
  std::string waitsFor;
  /// When that may be enough.
  std::optional<base::Timestamp> changesAt;
};

/// The newest commit at which the Application before it was healthy without a break for as long as
/// the policy says. Never an older one than the one that is applied. Pure.
Promoted promoted(const schema::Application& application, const model::State& state,
                  base::Timestamp now);

/// Why the promotion as it is asked for now keeps that revision out, in one sentence. Empty if it
/// does not, if the revision is applied already, or if the Application has no promotion. Pure.
std::string notPromoted(const schema::Application& application, const schema::Revision& revision,
                        const model::State& state, base::Timestamp now);

/// The commits of the plan that have been in no plan of the Application before it, in one sentence:
/// what changes nothing there is promoted with what did, without having run there. Empty if there
/// are none, or if the Application has no promotion. Pure.
std::string unproven(const schema::Application& application, const api::Plan& plan,
                     const model::State& state);

}  // namespace gantry::delivery
