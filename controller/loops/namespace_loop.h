// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "controller/loops/loop_context.h"
#include "controller/loops/work_queue.h"

namespace gantry::loops {

/// Empties a Namespace that is being deleted: workloads first, what they use when their last pod is
/// gone, then the Namespace itself. What only records the past (history, events) stays.
/// Controller's thread.
class NamespaceLoop {
 public:
  explicit NamespaceLoop(LoopContext context);

  /// Marks every Namespace.
  void start();

 private:
  void follow(std::span<const model::Change> changes);
  WorkOutcome work(const std::string& ns);

  LoopContext context_;
  WorkQueue<std::string> queue_;
};

}  // namespace gantry::loops
