// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "tests/sim/checkers/checker.h"

namespace gantry::sim {

/// A Deployment never gets more pods than replicas + surge, and is never taken below replicas −
/// unavailable by our own doing. Both are judged when it is decided, by the spec of that moment:
///
/// - ReplicaSets are not made bigger, nor pods marked to be replaced first, beyond the bound;
/// - when a ReplicaSet is made smaller, enough available pods stay in all of them together;
/// - a ReplicaSet takes only what it has too much, and what is not available first;
/// - whatever else takes a pod, a drain for one, leaves enough that are available.
class RolloutChecker final : public Checker {
 public:
  std::optional<std::string> check(const Commit& commit) override;

 private:
  /// What a spec allows.
  struct Bounds {
    int mostPods = 0;
    int leastAvailable = 0;
  };

  struct Deployed {
    model::Name name;
    /// Pods that there were after the last commit, and that were yet to be made.
    int pods = 0;
    /// Those of them that leave the node they are on.
    int leaving = 0;
  };

  /// What there is of a ReplicaSet; of what the commit has taken, what was available.
  struct SetCount {
    int size = 0;
    int sizeBefore = 0;
    int active = 0;
    int staying = 0;
    int available = 0;
    int taken = 0;
    /// The last that was taken although the set has no pod too much, or that was leaving.
    const model::Pod* needed = nullptr;
  };
  /// By uid.
  using Counts = std::map<std::string, SetCount>;

  void learnOwners(const Commit& commit);
  Deployed* touchedOf(const Touched& touched);
  bool isOf(const std::string& setUid, const schema::Deployment& deployment) const;
  Counts count(const Commit& commit, const schema::Deployment& deployment) const;
  void countTaken(const Commit& commit, const schema::Deployment& deployment, Counts& counts) const;
  static Bounds boundsOf(const schema::DeploymentSpec& spec);
  std::optional<std::string> judge(const Commit& commit, Deployed& deployed);
  static std::optional<std::string> judgeMost(Deployed& deployed, int most, const Counts& counts);
  static std::optional<std::string> judgeLeast(int least, const Counts& counts);

  /// By uid of the ReplicaSet: the uid of its Deployment.
  std::map<std::string, std::string> deploymentUids_;
  /// By uid.
  std::map<std::string, Deployed> deployed_;
};

}  // namespace gantry::sim
