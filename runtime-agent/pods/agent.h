// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
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
/// the difference, one action a container at a time. The simulator drives the same object.
/// Executor's thread.
///
/// What runs is known again by its labels, so an agent that starts adopts everything and restarts
/// nothing. Pods that are not wanted are removed, but only when a controller has said in this run
/// what is wanted. Destroying the agent leaves all containers running.
class Agent {
 public:
  struct Options {
    std::string node;
    /// The node's own, for status.hostIP and pods in the host's network.
    std::string address;
    /// Pod logs go to <podLogRoot>/<namespace>_<name>_<uid>/<container>/<attempt>.log.
    std::string podLogRoot;
    /// How often the runtime is looked at when nothing hurries it.
    base::Duration relistInterval = base::Duration(1'000);
    /// How many sandboxes and containers are worked on side by side (facts: more only queue).
    int parallelPods = 4;
    /// Called with the node's range of pod addresses when the controller has said it, and when it
    /// changes: before the first pod. Unset: the runtime's network needs no help.
    std::function<void(const std::string& podCidr)> onPodCidr;
    /// Deletes a log file, or the log folder of a pod that is gone. Unset: logs stay.
    std::function<void(const std::string& path)> discardLog;
  };

  Agent(base::Executor& executor, Runtime& runtime, Prober& prober, Volumes& volumes,
        ServiceProxy& proxy, Checkpoint& checkpoint, ControllerLink& link, Options options);
  ~Agent();

  /// Loads the checkpoint, looks at the runtime, dials the controller.
  /// `nodeStatus` is what Hello says of the node; it may be replaced later (setNodeStatus). The
  /// agent adds the Ready condition and the runtime's version itself.
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
