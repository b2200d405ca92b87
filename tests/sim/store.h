// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "controller/store/memory_store.h"
#include "tests/sim/clock.h"

namespace gantry::sim {

/// The controller's disk: outlives it, fills up, and lets go of a write at every bad moment there
/// is.
class SimStore final : public store::Store {
 public:
  /// Told of every batch that is on the disk, before the controller is.
  using Observer = std::function<void(const std::vector<store::Write>& batch)>;

  SimStore(Clock& clock, Observer observer) : clock_(clock), observer_(std::move(observer)) {}

  /// No write fits any more.
  bool isFull = false;
  /// One commit in so many goes wrong: unanswered or answered with a crash, written or not. 0:
  /// none.
  int oneFaultIn = 0;

  absl::StatusOr<std::vector<store::Record>> list(std::string_view prefix) override;
  absl::StatusOr<std::int64_t> commit(const std::vector<store::Write>& batch) override;

 private:
  absl::StatusOr<std::int64_t> write(const std::vector<store::Write>& batch);

  Clock& clock_;
  Observer observer_;
  store::MemoryStore memory_;
};

}  // namespace gantry::sim
