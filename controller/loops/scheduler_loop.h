// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "controller/loops/alarm.h"
#include "controller/loops/loop_context.h"
#include "controller/scheduler/scheduler.h"

namespace gantry::loops {

/// Binds pods to nodes as scheduler::place decides, many in one commit. Pods that fit nowhere say
/// why, and are tried again when nodes or pods change. Controller's thread.
class SchedulerLoop {
 public:
  explicit SchedulerLoop(LoopContext context);

  /// Counts every bound pod and takes up every other.
  void start();

  /// What is free where, as of the last commit.
  const scheduler::ClusterView& view() const { return view_; }

 private:
  /// Pods that fit on the same nodes: those of one owner.
  struct Group {
    std::set<model::Name> pods;
    /// One of them fitted nowhere: nothing to try before something changes.
    bool blocked = false;
  };

  void follow(std::span<const model::Change> changes);
  void followPod(const model::Name& name, const model::Pod& pod, bool erased);
  void count(const model::Pod& pod);
  void uncount(const model::Name& name);
  void forget(const model::Name& name);
  void unblock();

  void step();
  int scheduleGroup(const std::string& key, Group& group, int most,
                    model::Transaction& transaction);
  void bind(const model::Pod& pod, const scheduler::Placement& placement,
            model::Transaction& transaction);
  /// Whether there was something new to say.
  bool explain(const model::Pod& pod, const std::string& why, model::Transaction& transaction);
  void finish(const absl::Status& committed);

  LoopContext context_;
  scheduler::ClusterView view_;
  /// Pods that the view counts, by the uid that it knows them by.
  std::map<model::Name, std::string> counted_;
  std::map<std::string, Group> waiting_;
  std::map<model::Name, std::string> groupOf_;
  /// Of the step that is being made.
  std::vector<model::Name> bound_;
  std::vector<Remark> remarks_;
  Alarm step_;
  Alarm unblock_;
};

}  // namespace gantry::loops
