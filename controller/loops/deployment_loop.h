// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "controller/api/control.pb.h"
#include "controller/delivery/caller.h"
#include "controller/loops/loop_context.h"
#include "controller/loops/work_queue.h"
#include "controller/workloads/deployment.h"

namespace gantry::loops {

/// Keeps the ReplicaSets of every Deployment as workloads::planDeployment decides. Controller's
/// thread.
class DeploymentLoop {
 public:
  explicit DeploymentLoop(LoopContext context);

  /// Marks every Deployment.
  void start();

  /// See Controller.
  absl::StatusOr<api::RolloutResponse> pause(const delivery::Caller& caller,
                                             const api::RolloutRequest& request);
  absl::StatusOr<api::RolloutResponse> resume(const delivery::Caller& caller,
                                              const api::RolloutRequest& request);

 private:
  void follow(std::span<const model::Change> changes);
  void markOwnerOf(const schema::ReplicaSet& set);
  WorkOutcome work(const model::Name& name);
  workloads::DeploymentPlan plan(const schema::Deployment& deployment) const;
  void carryOut(const schema::Deployment& deployment, const workloads::CreateReplicaSet& action,
                model::Transaction& transaction);
  void carryOut(const schema::Deployment& deployment, const workloads::UpdateReplicaSet& action,
                model::Transaction& transaction);
  void carryOut(const schema::Deployment& deployment, const workloads::DeleteReplicaSet& action,
                model::Transaction& transaction);
  void remark(const schema::Deployment& deployment, const workloads::DeploymentAction& action);
  absl::StatusOr<schema::Deployment> find(const api::RolloutRequest& request) const;
  /// Records it, with who decided that: of a Deployment of an Application, in its audit trail.
  absl::Status commitDecision(schema::Deployment deployment, const char* action,
                              const delivery::Caller& caller, const std::string& reason);

  LoopContext context_;
  WorkQueue<model::Name> queue_;
};

}  // namespace gantry::loops
