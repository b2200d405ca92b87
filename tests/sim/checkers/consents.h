// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "manifests/resource.h"
#include "tests/sim/view.h"
#include "tests/support/fake_git.h"

namespace gantry::sim {

/// A person's yes, and what was on the screen when it was given.
struct Consent {
  enum class To { kPlan, kRollback, kOverride };

  struct Sight {
    std::string before;
    std::string after;
    bool operator==(const Sight&) const = default;
  };

  std::string by;
  model::Name application;
  /// Of the plan that was looked at; of a rollback's preview it does not matter.
  std::string commit;
  To to = To::kPlan;
  /// By an admin of the cluster, whom no Project limits.
  bool isAdmin = false;
  std::map<manifests::ObjectKey, Sight> changes;
};

/// What a person sees of a plan.
Consent consentTo(const api::Plan& plan, const std::string& by, Consent::To to);

/// As on a screen, without the address that is handed out between one look and the next.
std::string sightOf(const google::protobuf::Message* object);

/// All that people have said yes to, and what that is worth by the policy of the moment: whether
/// they were permitted to, had written the commits themselves, and how long it counts.
class Consents {
 public:
  explicit Consents(const support::FakeGit& git) : git_(git) {}

  /// Answers a number to take it back.
  int add(Consent consent, const View& view, base::Timestamp now);
  void remove(int consent) { given_.erase(consent); }

  /// One that counts: of that kind, for the Application, at `commit` (empty: at any), and not
  /// expired.
  struct Counted {
    const Consent* consent;
    const std::set<std::string>* roles;
  };
  std::vector<Counted> counted(const model::Name& application, Consent::To to,
                               const std::string& commit, base::Timestamp now) const;

 private:
  struct Given {
    Consent consent;
    std::set<std::string> roles;
    bool counts = false;
    std::optional<base::Timestamp> expiresAt;
  };

  std::set<std::string> authorsOf(const schema::Application& application,
                                  const std::string& commit) const;

  const support::FakeGit& git_;
  std::map<int, Given> given_;
  int last_ = 0;
};

}  // namespace gantry::sim
