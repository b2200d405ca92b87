// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "controller/api/agent.pb.h"
#include "controller/loops/alarm.h"
#include "controller/loops/loop_context.h"

namespace gantry::loops {

/// Writes what agents report of their pods into the state: many reports in one commit, the newest
/// of each pod only. Reports wait while the store cannot be written. Controller's thread.
class PodReports {
 public:
  explicit PodReports(LoopContext context);

  /// One pod, from the agent of `node`. Pods that are not the node's are ignored.
  void add(const std::string& node, const api::ObservedPod& pod);

  /// All pods that the agent of `node` knows: the others that are bound to it do not run, and if
  /// they were told to go, they are gone.
  void addAll(const std::string& node, const api::PodReport& report);

  /// Writes what waits now instead of in the next turn.
  void flush();

 private:
  struct Pending {
    std::string node;
    api::ObservedPod pod;
    /// The agent does not know it.
    bool absent = false;
  };

  void apply(const std::string& uid, const Pending& pending, model::Transaction& transaction);
  void remarkAll(const std::string& node, const api::ObservedPod& pod);

  LoopContext context_;
  /// By uid.
  std::map<std::string, Pending> pending_;
  Alarm flush_;
};

}  // namespace gantry::loops
