// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/sim/clock.h"
#include "tests/support/fake_git.h"

namespace gantry::sim {

inline constexpr char kUrl[] = "/srv/shop.git";
inline constexpr char kBranch[] = "main";
inline constexpr char kSystemNamespace[] = "gantry-system";
inline constexpr char kRoot[] = "root";

/// Images, by what becomes of them.
inline constexpr char kMissingImage[] = "docker.io/shop/web:missing";
inline constexpr char kCrashingImage[] = "docker.io/shop/web:crashing";
inline constexpr char kUnreadyImage[] = "docker.io/shop/web:unready";

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
};

/// What an Application's folder holds, as people think of it.
struct Folder {
  std::string name;
  std::vector<Workload> workloads;
  /// ConfigMaps beside the one that the pods read, by name: their text.
  std::map<std::string, std::string> extras;
  std::string greeting = "hello";
  std::string password = "first";
  /// One of its files cannot be read.
  bool isBroken = false;
};

struct Policy {
  bool automated = true;
  bool prune = true;
  bool selfHeal = true;
  int approvals = 0;
};

/// "shop-production": where the objects of a folder go.
std::string namespaceOf(const std::string& folder);

/// The folder's files, by their paths in the repository.
support::FakeGit::Files filesOf(const Folder& folder);

/// The path of an Application's own manifest, and its text.
std::string applicationFile(const std::string& name);
std::string applicationYaml(const std::string& name, const Policy& policy);

}  // namespace gantry::sim
