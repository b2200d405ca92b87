// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "controller/api/control.pb.h"
#include "controller/delivery/caller.h"
#include "controller/loops/loop_context.h"
#include "controller/loops/work_queue.h"
#include "controller/nodes/drain.h"
#include "controller/scheduler/scheduler.h"

namespace gantry::loops {

/// Carries out what people decide about nodes: cordon, drain, uncordon. Controller's thread.
class DrainLoop {
 public:
  explicit DrainLoop(LoopContext context);

  /// Marks every node.
  void start();

  /// See Controller.
  absl::StatusOr<api::NodeResponse> cordon(const delivery::Caller& caller,
                                           const api::NodeRequest& request);
  absl::StatusOr<api::NodeResponse> uncordon(const delivery::Caller& caller,
                                             const api::NodeRequest& request);
  absl::StatusOr<api::NodeResponse> drain(const delivery::Caller& caller,
                                          const api::NodeRequest& request);
  /// `view` is what the scheduler sees; it is tried out on a copy.
  absl::StatusOr<api::DrainPreview> preview(const api::NodeRequest& request,
                                            scheduler::ClusterView view) const;

 private:
  void follow(std::span<const model::Change> changes);
  WorkOutcome work(const std::string& node);
  /// What was said last about a drain.
  struct Progress {
    bool isEmpty = false;
    std::string waitsFor;
  };
  void noteProgress(const std::string& node, Progress& progress);
  void noteWaiting(const std::string& node, Progress& progress,
                   const std::vector<workloads::InTheWay>& inTheWay);
  void remark(const std::string& node, const char* reason, std::string message);
  WorkOutcome stopWaiting(const std::string& node);
  /// The groups with pods on the node that are not on their way.
  std::vector<nodes::PodGroup> groupsOn(const std::string& node) const;
  absl::StatusOr<schema::Node> find(const api::NodeRequest& request) const;
  absl::StatusOr<api::NodeResponse> change(schema::Node node, const delivery::Caller& caller,
                                           const char* reason, const std::string& message);

  LoopContext context_;
  /// Nodes that are drained.
  std::map<std::string, Progress> draining_;
  WorkQueue<std::string> queue_;
};

}  // namespace gantry::loops
