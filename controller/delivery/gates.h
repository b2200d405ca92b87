// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::delivery {

/// All that has to be open before a plan is applied, in the order in which people should read it.
struct Gates {
  std::vector<api::Gate> gates;
  /// When one of them may change by itself.
  std::optional<base::Timestamp> changesAt;

  bool open() const;
  /// What the first closed one waits for; empty if all are open.
  std::string waitsFor() const;
};

/// The gates of a plan that holds all but its gates: suspension, approval by its own policy and by
/// each that it loosens, deletion budget, sync windows, promotion, dependencies, and whether
/// somebody, or automatic sync, has set it off. Windows and dependencies count as open where the
/// plan's override is for its digest, by somebody who may override now. Pure.
Gates gatesOf(const api::Plan& plan, const schema::Application& application,
              const model::State& state, base::Timestamp now);

/// Whether the plan's override is for its digest, by somebody who may override now. Pure.
bool isOverridden(const api::Plan& plan, const schema::Application& application,
                  const model::State& state);

/// Why nothing may be put back now (self-heal), in one sentence: it is suspended, or a window is
/// closed. Empty: it may.
std::string mayNotTouch(const schema::Application& application, const model::State& state,
                        base::Timestamp now);

}  // namespace gantry::delivery
