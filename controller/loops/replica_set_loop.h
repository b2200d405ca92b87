// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "controller/loops/loop_context.h"
#include "controller/loops/work_queue.h"
#include "controller/workloads/replica_set.h"

namespace gantry::loops {

/// Keeps the pods of every ReplicaSet as workloads::planReplicaSet decides, and lets a ReplicaSet
/// go when its Deployment is gone. Controller's thread.
class ReplicaSetLoop {
 public:
  explicit ReplicaSetLoop(LoopContext context);

  /// Marks every ReplicaSet.
  void start();

 private:
  using Pods = std::vector<model::Ptr<model::Pod>>;

  void follow(std::span<const model::Change> changes);
  WorkOutcome work(const model::Name& name);
  WorkOutcome eraseOrphan(const schema::ReplicaSet& set);
  void remark(const schema::ReplicaSet& set, const std::vector<model::Pod>& made,
              const workloads::ReplicaSetPlan& plan);

  LoopContext context_;
  WorkQueue<model::Name> queue_;
};

}  // namespace gantry::loops
