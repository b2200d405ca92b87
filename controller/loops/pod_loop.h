// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "controller/loops/loop_context.h"
#include "controller/loops/work_queue.h"

namespace gantry::loops {

/// The end of pods: those whose ReplicaSet is gone are told to go, and those that no agent will
/// ever say gone are erased. Controller's thread.
class PodLoop {
 public:
  explicit PodLoop(LoopContext context);

  /// Marks every pod.
  void start();

 private:
  void follow(std::span<const model::Change> changes);
  void markPodsOf(const std::string& ownerUid);
  WorkOutcome work(const model::Name& name);

  LoopContext context_;
  WorkQueue<model::Name> queue_;
};

}  // namespace gantry::loops
