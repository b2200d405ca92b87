// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/api/system_names.h"
#include "tests/sim/clock.h"
#include "tests/support/fake_git.h"

namespace gantry::sim {

inline constexpr char kUrl[] = "/srv/shop.git";
inline constexpr char kBranch[] = "main";
using api::kSystemNamespace;

/// Images, by what becomes of them.
inline constexpr char kMissingImage[] = "docker.io/shop/web:missing";
inline constexpr char kCrashingImage[] = "docker.io/shop/web:crashing";
inline constexpr char kUnreadyImage[] = "docker.io/shop/web:unready";
/// Those of Jobs: they succeed, fail, and run until their deadline.
inline constexpr char kDoneImage[] = "docker.io/shop/task:done";
inline constexpr char kFailingImage[] = "docker.io/shop/task:failing";
inline constexpr char kHangingImage[] = "docker.io/shop/task:hanging";

struct Workload {
  std::string name;
  int replicas = 2;
  std::string image = "docker.io/shop/web:v1";
  /// "1", "25%".
  std::string surge = "25%";
  std::string unavailable = "25%";
  bool isRecreate = false;
  int minReadySeconds = 0;
  int cpuMillis = 200;
  /// After how many seconds a rollout that does not get on has failed.
  int deadlineSeconds = 600;
  /// In which its Deployment is applied.
  int wave = 0;
  /// Its PodDisruptionBudget: "minAvailable: 1"; empty: it has none.
  std::string keeps;
};

/// A Job that is run while a plan is applied.
struct Hook {
  /// PreSync, PostSync, SyncFail.
  std::string phase;
  int wave = 0;
  std::string image = kDoneImage;
  /// It goes soon after it has ended.
  bool isShortLived = false;
};

/// What an Application's folder holds, as people think of it.
struct Folder {
  std::string name;
  std::vector<Workload> workloads;
  /// ConfigMaps beside the one that the pods read, by name: their text.
  std::map<std::string, std::string> extras;
  /// A second Namespace, for trials, with a ConfigMap in it.
  bool hasLab = false;
  /// By the name of the Job.
  std::map<std::string, Hook> hooks;
  std::string greeting = "hello";
  std::string password = "first";
  /// One of its files cannot be read.
  bool isBroken = false;
};

/// A sync window.
struct Window {
  bool isDeny = false;
  /// "*/2 * * * *", "40s".
  std::string schedule;
  std::string duration;
};

struct Policy {
  bool automated = true;
  bool prune = true;
  bool selfHeal = true;
  /// How many replicas a Deployment has is nobody's business once it is there.
  bool ignoresReplicas = false;
  int approvals = 0;
  /// After how many seconds an approval is void; 0: never.
  int expirySeconds = 0;
  bool authorMayApprove = false;
  /// Of each, somebody has to approve.
  std::vector<std::string> roles;
  /// The deletion budget; unset: what it is by default.
  std::optional<int> mostDeletions;
  std::vector<Window> windows;
  /// Another Application; empty: none.
  std::string dependsOn;
  /// The Application whose healthy revisions it takes over, and for how many seconds they must have
  /// been so; empty: it follows the branch.
  std::string promotedFrom;
  int soakSeconds = 0;
  /// For how many seconds a revision is watched; unset: nothing is rolled back by itself.
  std::optional<int> watchSeconds;
  /// How often a plan that has failed is tried again; 0: it is not.
  int retries = 0;
};

/// The Project that all Applications belong to: who may do what. Owners may do everything.
struct Team {
  std::set<std::string> owners;
  std::set<std::string> reviewers;
  std::set<std::string> operators;
  std::vector<Window> windows;
};

/// "shop-production": where the objects of a folder go.
std::string namespaceOf(const std::string& folder);
/// Its second one.
std::string labOf(const std::string& folder);

/// The folder's files, by their paths in the repository.
support::FakeGit::Files filesOf(const Folder& folder);

/// The path of an Application's own manifest, and its text.
std::string applicationFile(const std::string& name);
std::string applicationYaml(const std::string& name, const Policy& policy);

/// The same of the Project.
inline constexpr char kTeamFile[] = "applications/team.yaml";
std::string teamYaml(const Team& team);

}  // namespace gantry::sim
