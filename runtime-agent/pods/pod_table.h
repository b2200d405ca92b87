// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/executor.h"
#include "runtime-agent/cri/runtime.h"
#include "runtime-agent/pods/pod_record.h"
#include "runtime-agent/pods/pod_runner.h"
#include "runtime-agent/pods/wanted.h"

namespace gantry::agent {

/// All pods of the node. A loop over a queue of pods: what is wanted, what the runtime shows, an
/// operation that ended or a timer marks one dirty; then it is planned, what is planned is begun,
/// and its status is computed. Executor's thread.
class PodTable {
 public:
  using Ref = PodRunner::Ref;

  struct Listener {
    /// Its status, its events or whether it is gone has changed.
    std::function<void(PodRecord&)> changed;
    /// A look at the runtime has ended.
    std::function<void(const absl::Status&)> looked;
  };

  PodTable(base::Executor& executor, Runtime& runtime, PodRunner& runner, const World& world,
           base::Duration relistInterval, Listener listener);

  /// Begins to look at the runtime; before the first look nothing is done.
  void start();

  /// Looks at the runtime soon.
  void look();

  /// Takes over what is wanted. `bySelf`: from the checkpoint, so what is not in it may still be
  /// wanted by the controller and is left alone.
  void want(const Wanted& wanted, bool bySelf);

  /// ConfigMaps and Secrets have changed: brings files up to date, and tries again what failed for
  /// want of them.
  void sourcesChanged(Volumes& volumes);

  /// Marks a pod dirty.
  void touch(const Ref& pod);

  /// Ordered by uid; those that are not wanted included.
  const std::map<std::string, Ref>& pods() const { return pods_; }

 private:
  void beginLook();
  void endLook(absl::StatusOr<RuntimeState> state, std::uint64_t stamp);
  void merge(RuntimeState state, std::uint64_t stamp);
  void drainQueue();
  void work(const Ref& pod);
  void updateStatus(PodRecord& pod);
  void wakeAt(const std::string& uid, std::optional<base::Instant> when);
  void erase(const std::string& uid);
  /// Runs `task` on the executor unless the table is gone by then.
  base::Executor::Task guarded(std::function<void()> task);

  base::Executor& executor_;
  Runtime& runtime_;
  PodRunner& runner_;
  const World& world_;
  base::Duration relistInterval_;
  Listener listener_;
  std::map<std::string, Ref> pods_;
  std::map<std::string, std::pair<base::Instant, base::Executor::TimerId>> timers_;
  std::set<std::string> queue_;
  bool looking_ = false;
  bool lookAgain_ = false;
  bool lookedOnce_ = false;
  bool controllerSpoke_ = false;
  base::Executor::TimerId lookTimer_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace gantry::agent
