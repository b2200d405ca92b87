// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "manifests/render/folder.h"
#include "tests/sim/checkers/checker.h"
#include "tests/support/fake_git.h"

namespace gantry::sim {

/// A person's yes, and what was on the screen when it was given.
struct Consent {
  struct Sight {
    std::string before;
    std::string after;
  };

  std::string by;
  model::Name application;
  /// Of the plan that was looked at; of a rollback's preview it does not matter.
  std::string commit;
  bool isRollback = false;
  std::map<manifests::ObjectKey, Sight> changes;
};

/// What a person sees of a plan.
Consent consentTo(const api::Plan& plan, const std::string& by, bool isRollback);

/// Nothing changes that Git does not hold and people have not approved: what an Application applies
/// is what the commit of its plan renders to; as many people as its policy asks for have seen
/// exactly these changes at this commit, unless it puts back what was applied before; what is held
/// is not applied; and nothing is deleted but what the Application itself has applied and Git no
/// longer holds. Renders and compares by itself; digests and hashes are not looked at.
class DeliveryChecker final : public Checker {
 public:
  explicit DeliveryChecker(const support::FakeGit& git) : git_(git) {}

  /// Records a person's yes, before the controller hears of it; answers a number to take it back.
  int consent(Consent consent);
  /// The controller has refused it.
  void refused(int consent) { consents_.erase(consent); }

  std::optional<std::string> check(const Commit& commit) override;

 private:
  using Key = manifests::ObjectKey;
  using Object = google::protobuf::Message;
  /// Canonical bytes of what Git says of each object.
  using Contents = std::map<Key, std::string>;

  /// An application's plan that a commit carries out, and the policy it stands under.
  struct Applied {
    const api::Plan* plan = nullptr;
    const schema::Application* application = nullptr;
  };

  std::map<std::string, Applied> appliedBy(const Commit& commit) const;
  std::optional<std::string> checkChange(const Commit& commit, const Touched& touched,
                                         const Object* before, const Object* after,
                                         const std::map<std::string, Applied>& applied);
  std::optional<std::string> checkDeletion(const Applied& applied, const Key& key,
                                           const Object& before);
  std::optional<std::string> checkRevision(const Commit& commit, const schema::Application* before,
                                           const schema::Application& after);
  /// Empty if enough people have agreed; else what is missing.
  std::string missingConsent(const Applied& applied, const Key& key, const Object* before,
                             const Object* after) const;
  const Contents& render(const schema::Application& application, const std::string& commit);

  const support::FakeGit& git_;
  std::map<int, Consent> consents_;
  int lastConsent_ = 0;
  /// By Application, "namespace/name": what it has applied last.
  std::map<std::string, Contents> inventory_;
  std::map<std::pair<std::string, std::string>, Contents> rendered_;
};

}  // namespace gantry::sim
