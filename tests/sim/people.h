// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace gantry::sim {

/// Those who push, approve, reject, roll back, drain and meddle: each act drawn from the seed,
/// sensible ones and others.
class People {
 public:
  explicit People(World& world);

  /// The repository as it begins.
  void begin();

  /// Does one thing.
  void act();

  /// From now on they want one thing, the same for every Application, and do all it takes.
  void agree();
  void insist();

  const std::map<std::string, Folder>& folders() const { return folders_; }

 private:
  // Git.
  void push(const std::string& folder, const std::string& subject);
  void pushPolicy(const std::string& name);
  void edit();
  void editWorkload(Workload& workload);
  void changePolicy();
  void mistake();

  // Plans.
  void look();
  void decide(const api::Plan& seen, const std::string& by);
  void approve(const api::Plan& seen, const std::string& by, const std::string& plan,
               const std::string& commit, const std::string& digest);
  void approveStale();
  void sync(const std::string& name);
  void rollBack();
  void confirmRollback(const api::RollbackPreview& preview, const std::string& by);
  void liftHold();

  // The cluster.
  void operate();
  void rollout(bool isPause);
  void meddle();

  std::string person();
  std::string approver();
  const api::Plan* waiting(const std::string& application) const;
  std::string anyFolder();
  void later(base::Duration least, base::Duration most, std::function<void()> act);

  World& world_;
  Clock& clock_;
  std::map<std::string, Folder> folders_;
  std::map<std::string, Policy> policies_;
  /// Every plan that was looked at, by Application.
  std::map<std::string, std::vector<api::Plan>> seen_;
  int pushes_ = 0;
  bool agreed_ = false;
};

}  // namespace gantry::sim
