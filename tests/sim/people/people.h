// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace gantry::sim {

/// The first of them push; all approve.
inline constexpr std::array kPeople = {"ana", "ben", "cem", "dia", "eve"};
/// Admins of the cluster, who help at the end where a policy asks for somebody who is gone.
inline constexpr std::array kAdmins = {"gil", "hal"};
inline constexpr int kAuthors = 3;

/// Whether it is certain that what was asked for is not done.
bool isRefusal(const absl::Status& status);

/// Those who push, approve, reject, roll back, drain and meddle: each act drawn from the seed,
/// sensible ones and others. Each of what they do is in a file of its own.
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
  void push(const std::vector<std::string>& names, const std::string& subject);
  void edit(const std::string& name);
  void editWorkload(Workload& workload);
  void editHooks(Folder& folder);
  void release();
  void mistake();

  // Policies.
  void pushPolicy(const std::string& name);
  void pushTeam();
  void changePolicy();
  void changeApprovals(Policy& policy);
  void changeTeam();
  std::vector<Window> anyWindows();

  // Plans.
  void look();
  void decide(const api::Plan& seen, const std::string& by);
  void approve(const api::Plan& seen, const std::string& by, const std::string& plan,
               const std::string& commit, const std::string& digest);
  void approveStale();
  void sync(const std::string& name);
  void overrideGates();
  std::string stoppedFolder();
  void suspendOrResume();
  void resume(const std::string& name, const std::string& by);
  void holdRevision();
  void rollBack();
  void confirmRollback(const api::RollbackPreview& preview, const std::string& by);
  void liftHold();

  // The end.
  void open();
  void pushAgain();
  void letGo();

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
  /// dev, staging and production follow each other; else there are two that do not.
  const bool isPipeline_;
  const bool hasHooks_;
  std::map<std::string, Folder> folders_;
  std::map<std::string, Policy> policies_;
  Team team_{{"ana", "eve"}, {"ben", "dia"}, {"cem"}, {}};
  /// Every plan that was looked at, by Application.
  std::map<std::string, std::vector<api::Plan>> seen_;
  int pushes_ = 0;
  bool agreed_ = false;
};

}  // namespace gantry::sim
