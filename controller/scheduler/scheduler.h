// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
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

/// What a pod asks for: max(sum of containers, each init container), and one pod (AT-POD-06).
Resources requestsOf(const schema::PodSpec& spec);

/// What a node can give to pods in all.
Resources allocatableOf(const schema::Node& node);

/// The scheduler's own view of the nodes, kept up to date by differences: no walk over all pods for
/// one placement.
class ClusterView {
 public:
  void putNode(const schema::Node& node);
  void removeNode(const std::string& name);
  /// Counts a pod that is bound to a node and not ended. `group` is what is to be spread: the
  /// ReplicaSet's uid.
  void addPod(const std::string& uid, const std::string& node, const Resources& requests,
              const std::string& group);
  void removePod(const std::string& uid);

  struct NodeView {
    model::Ptr<schema::Node> node;
    Resources allocatable;
    Resources used;
    std::map<std::string, int> podsOfGroup;
  };
  const std::map<std::string, NodeView>& nodes() const { return nodes_; }

 private:
  struct Placed {
    std::string node;
    Resources requests;
    std::string group;
  };
  std::map<std::string, NodeView> nodes_;
  std::map<std::string, Placed> pods_;
};

struct Placement {
  /// Empty: no node fits.
  std::string node;
  /// Why this node, or, per reason, on how many nodes it did not fit:
  /// "0 of 3 nodes fit: 2 too little memory (wants 2Gi, 1.2Gi free at most), 1 cordoned".
  std::string explanation;
};

/// Chooses a node: filters (ready, not cordoned, taints tolerated, node selector, resources), then
/// spreads the group, then evens out the requested share. Ties go to the name. Pure.
Placement place(const ClusterView& view, const schema::PodSpec& spec, const std::string& group);

}  // namespace gantry::scheduler
