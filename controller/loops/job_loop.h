// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "controller/loops/loop_context.h"
#include "controller/loops/work_queue.h"
#include "controller/workloads/job.h"

namespace gantry::loops {

/// Keeps the pods of every Job as workloads::planJob decides, and lets a Job go when its time to
/// live is over. Controller's thread.
class JobLoop {
 public:
  explicit JobLoop(LoopContext context);

  /// Marks every Job.
  void start();

 private:
  void follow(std::span<const model::Change> changes);
  WorkOutcome work(const model::Name& name);
  void putJob(const schema::Job& job, const workloads::JobPlan& plan,
              model::Transaction& transaction) const;
  void putPods(const std::vector<model::Pod>& made, const workloads::JobPlan& plan,
               model::Transaction& transaction) const;
  void remark(const schema::Job& job, const std::vector<model::Pod>& made,
              const workloads::JobPlan& plan);
  void remark(const schema::Job& job, std::string reason, std::string message, bool isWarning);

  LoopContext context_;
  WorkQueue<model::Name> queue_;
};

}  // namespace gantry::loops
