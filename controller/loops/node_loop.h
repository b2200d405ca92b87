// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>

#include "controller/api/agent.pb.h"
#include "controller/loops/alarm.h"
#include "controller/loops/loop_context.h"
#include "controller/loops/work_queue.h"
#include "controller/nodes/readiness.h"

namespace gantry::loops {

/// Keeps the records of nodes: who is there, who is Ready, whose pods are to be replaced.
/// Heartbeats stay in memory; every node has a fresh lease when the controller starts. Controller's
/// thread.
class NodeLoop {
 public:
  struct Options {
    std::string clusterCidr;
    base::Duration lease;
    base::Duration evictionDelay;
    /// Told when a node's lease has ended: its session is of no use any more.
    std::function<void(const std::string& node)> onLost;
  };

  NodeLoop(LoopContext context, Options options);

  /// Gives every node a lease and marks it.
  void start();

  /// Makes or updates the record of a node whose agent says hello, and renews its lease. Errors:
  /// RESOURCE_EXHAUSTED (no address range is left, or the disk is full), those of the store.
  absl::Status registerNode(const std::string& node, const api::Hello& hello);

  /// Renews the lease.
  void heard(const std::string& node);

  /// The agent says what has become of its node; also renews the lease.
  void reported(const std::string& node, const schema::NodeStatus& status);

 private:
  struct Lease {
    base::Instant heardAt;
    base::Timestamp heardAtWall;
    /// Of this controller's life; empty until the agent was heard.
    std::optional<schema::NodeStatus> report;
  };

  void follow(std::span<const model::Change> changes);
  void renew(const std::string& node);
  Lease& leaseOf(const std::string& node);
  void checkLeases();
  nodes::Contact contactOf(const Lease& lease) const;
  WorkOutcome work(const std::string& name);
  void trackReadiness(const std::string& name, const Lease& lease, nodes::Readiness readiness);
  void retractReadiness(const schema::Node& node, model::Transaction& transaction) const;
  /// Tells pods to go whose time is over; when the next one's is.
  std::optional<base::Timestamp> evict(const schema::Node& node, model::Transaction& transaction);
  void remarkReadiness(const schema::Node& before, const schema::Node& after);

  LoopContext context_;
  Options options_;
  std::map<std::string, Lease> leases_;
  /// Leases that run, by when they end.
  std::set<std::pair<base::Instant, std::string>> leaseEnds_;
  /// Nodes that are not Ready, and since when.
  std::map<std::string, base::Instant> notReadySince_;
  std::map<std::string, std::string> podCidrs_;
  WorkQueue<std::string> queue_;
  Alarm leaseEnd_;
};

}  // namespace gantry::loops
