// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "absl/strings/str_cat.h"
#include "tests/sim/people/people.h"

namespace gantry::sim {

void People::pushPolicy(const std::string& name) {
  const std::string yaml = applicationYaml(name, policies_.at(name));
  clock_.note("git",
              absl::StrCat("policy of ", name, ":\n", yaml.substr(yaml.find("  dependsOn"))));
  world_.git().commit(kUrl, kBranch, {{applicationFile(name), yaml}}, "policy");
}

void People::pushTeam() {
  const std::string yaml = teamYaml(team_);
  clock_.note("git", absl::StrCat("team:\n", yaml.substr(yaml.find("  roles"))));
  world_.git().commit(kUrl, kBranch, {{kTeamFile, yaml}}, "team");
}

void People::changePolicy() {
  const std::string name = anyFolder();
  Policy& policy = policies_.at(name);
  switch (clock_.pick(12)) {
    case 0:
      policy.prune = !policy.prune;
      break;
    case 1:
      policy.selfHeal = !policy.selfHeal;
      break;
    case 2:
      policy.automated = !policy.automated;
      break;
    case 3:
      policy.mostDeletions = clock_.oneIn(3) ? std::nullopt : std::optional(clock_.pick(2));
      break;
    case 4:
      policy.watchSeconds =
          policy.watchSeconds ? std::nullopt : std::optional(10 + clock_.pick(40));
      break;
    case 5:
      if (name == "production") policy.dependsOn = policy.dependsOn.empty() ? "staging" : "";
      break;
    case 6:
      policy.ignoresReplicas = !policy.ignoresReplicas;
      break;
    case 7:
      policy.retries = policy.retries > 0 ? 0 : 1 + clock_.pick(3);
      break;
    case 8:
    case 9:
      policy.windows = anyWindows();
      break;
    default:
      changeApprovals(policy);
  }
  pushPolicy(name);
}

void People::changeApprovals(Policy& policy) {
  switch (clock_.pick(4)) {
    case 0:
      policy.expirySeconds = policy.expirySeconds > 0 ? 0 : 5 + clock_.pick(30);
      break;
    case 1:
      policy.authorMayApprove = !policy.authorMayApprove;
      break;
    case 2:
      policy.roles = clock_.oneIn(2)   ? std::vector<std::string>()
                     : clock_.oneIn(2) ? std::vector<std::string>{"reviewers"}
                                       : std::vector<std::string>{"owners", "reviewers"};
      break;
    default:
      policy.approvals = clock_.pick(3);
  }
}

// A run takes little more than a minute before its end: windows open and close in less.
std::vector<Window> People::anyWindows() {
  std::vector<Window> windows;
  for (int i = clock_.pick(3); i > 0; --i) {
    const char* const schedules[] = {"* * * * *", "*/2 * * * *", "1-59/2 * * * *"};
    windows.push_back(
        {clock_.oneIn(2), schedules[clock_.pick(3)], absl::StrCat(10 + clock_.pick(45), "s")});
  }
  return windows;
}

void People::changeTeam() {
  const std::string who = approver();
  std::set<std::string>& role = clock_.oneIn(2) ? team_.reviewers : team_.operators;
  if (role.erase(who) == 0) role.insert(who);
  team_.windows = clock_.oneIn(2) ? anyWindows() : std::vector<Window>();
  // It is the root's as well: two that are never open together would be there to stay.
  if (team_.windows.size() > 1) team_.windows.pop_back();
  pushTeam();
}

}  // namespace gantry::sim
