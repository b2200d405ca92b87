// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/executor.h"
#include "controller/api/agent.pb.h"
#include "runtime-agent/cri/runtime.h"
#include "runtime-agent/network/service_proxy.h"
#include "runtime-agent/probes/prober.h"
#include "runtime-agent/session/checkpoint.h"
#include "runtime-agent/session/controller_link.h"
#include "runtime-agent/volumes/volumes.h"

namespace gantry::agent {

/// The agent without its process and sockets: takes what is wanted, looks at the runtime, and does
/// the difference, one action a pod at a time. The simulator drives the same object. Executor's
/// thread.
class Agent {
 public:
  struct Options {
    std::string node;
    /// Pod logs go to <podLogRoot>/<namespace>_<name>_<uid>/<container>/<attempt>.log.
    std::string podLogRoot;
    /// How often the runtime is looked at when nothing hurries it.
    base::Duration relistInterval = base::Duration(1'000);
    /// How many pods are worked on side by side: more only queue (facts/runtime.md).
    int parallelPods = 4;
  };

  Agent(base::Executor& executor, Runtime& runtime, Prober& prober, Volumes& volumes,
        ServiceProxy& proxy, Checkpoint& checkpoint, ControllerLink& link, Options options);
  ~Agent();

  /// Loads the checkpoint, looks at the runtime, dials the controller.
  /// `nodeStatus` is what Hello says of the node; it may be replaced later (setNodeStatus).
  void start(schema::NodeStatus nodeStatus, std::map<std::string, std::string> labels);
  void setNodeStatus(schema::NodeStatus nodeStatus);

  /// Something happened in the runtime: look soon.
  void hurry();

  /// What is needed to read a container's log; null if this node does not have the pod.
  const schema::Pod* findPod(const std::string& uid) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::agent
