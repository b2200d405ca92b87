// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "controller/loops/loop_context.h"
#include "controller/loops/work_queue.h"

namespace gantry::loops {

/// Keeps the status of every PodDisruptionBudget, for people to see: a drain counts for itself.
/// Controller's thread.
class DisruptionLoop {
 public:
  explicit DisruptionLoop(LoopContext context);

  /// Marks every budget.
  void start();

 private:
  void follow(std::span<const model::Change> changes);
  void markAll(const std::string& ns);
  WorkOutcome work(const model::Name& name);

  LoopContext context_;
  WorkQueue<model::Name> queue_;
};

}  // namespace gantry::loops
