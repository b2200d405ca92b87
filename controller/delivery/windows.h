// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::delivery {

/// Whether plans may be applied at a time.
struct WindowState {
  bool open = true;
  /// Which window keeps them back, and its reason; empty if open.
  std::string message;
  /// When this may change, if a window says it within the next 31 days.
  std::optional<base::Timestamp> changesAt;
};

/// The windows of an Application: its own, and those of its Project that are for it.
std::vector<schema::SyncWindow> windowsOf(const schema::Application& application,
                                          const model::State& state);

/// A deny window that is open closes; where there are allow windows, one of them has to be open.
/// A window that cannot be read (no manifest that was validated holds one) counts as closed. Pure.
WindowState windowStateAt(const std::vector<schema::SyncWindow>& windows, base::Timestamp now);

}  // namespace gantry::delivery
