// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "controller/model/state.h"

namespace gantry::scheduler {

/// Amounts of what a node gives and a pod asks for.
struct Resources {
  std::int64_t cpuMillis = 0;
  std::int64_t memoryBytes = 0;
  std::int64_t pods = 0;

  auto operator<=>(const Resources&) const = default;
  Resources& operator+=(const Resources& other);
  Resources& operator-=(const Resources& other);
};

/// What a pod asks for: max(sum of containers, each init container), and one pod (AT-POD-06). A
/// container that gives only a limit asks for that (AT-POD-01).
Resources requestsOf(const schema::PodSpec& spec);

/// What a node can give to pods in all: status.allocatable, or capacity where it does not say. 110
/// pods if it says neither (AT-QOS-06).
Resources allocatableOf(const schema::Node& node);

/// The scheduler's own view of the nodes, kept up to date by differences: no walk over all pods for
/// one placement.
class ClusterView {
 public:
  void putNode(const schema::Node& node);
  /// Pods on it stay counted, so that they are there again if the node comes back.
  void removeNode(const std::string& name);
  /// Counts a pod that is bound to a node and not ended; instead of what was counted for the same
  /// uid. `group` is what is to be spread: the ReplicaSet's uid; empty for a pod that is alone.
  void addPod(const std::string& uid, const std::string& node, const Resources& requests,
              const std::string& group);
  void removePod(const std::string& uid);

  struct NodeView {
    model::Ptr<schema::Node> node;
    Resources allocatable;
    Resources used;
    /// Read off `node`, so that most nodes are judged without it.
    bool isReady = false;
    bool isCordoned = false;
    bool hasTaints = false;
  };
  const std::map<std::string, NodeView>& nodes() const { return nodes_; }

  /// Pods of a group by node, only nodes that have any.
  const std::map<std::string, int>& podsOfGroup(const std::string& group) const;

 private:
  struct Placed {
    std::string node;
    Resources requests;
    std::string group;
  };
  void count(const Placed& pod, int sign);

  std::map<std::string, NodeView> nodes_;
  /// Also of nodes that are not known (any more).
  std::map<std::string, Resources> usedOf_;
  std::map<std::string, std::map<std::string, int>> groups_;
  std::unordered_map<std::string, Placed> pods_;
};

struct Placement {
  /// Empty: no node fits.
  std::string node;
  /// Why this node, or, per reason, on how many nodes it did not fit:
  /// "0 of 3 nodes fit: 2 too little memory (wants 2Gi, 1.2Gi free at most), 1 cordoned".
  std::string explanation;
};

/// Chooses a node: filters (ready, not cordoned, taints tolerated, node selector, resources), then
/// the fewest PreferNoSchedule taints that are not tolerated, the fewest pods of the group, the
/// smallest requested share of CPU and memory after placing, the name. Pure; one pass over the
/// nodes without allocations while one fits.
Placement place(const ClusterView& view, const schema::PodSpec& spec, const std::string& group);

/// Why each node cannot take the pod, by node (AT-SCH-07); nodes that fit are left out. Pure.
std::map<std::string, std::string> explain(const ClusterView& view, const schema::PodSpec& spec);

}  // namespace gantry::scheduler
