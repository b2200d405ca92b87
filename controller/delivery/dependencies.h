// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::delivery {

/// "blocked by shop-db: it is Progressing (0 of 1 pods ready)", or "dependsOn goes in a circle:
/// a → b → a"; empty if nothing is waited for. A dependency is there when the newest revision that
/// was seen of it is applied, its rollout has ended, and it is healthy: judged by what Git held at
/// the last look, never by an older state. Pure.
std::string blockedBy(const schema::Application& application, const model::State& state,
                      base::Timestamp now);

/// The Applications, of the same namespace, that this one looks at: what it depends on and is
/// promoted from.
std::vector<model::Name> looksAt(const schema::Application& application);

}  // namespace gantry::delivery
