// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "tests/sim/checkers/checker.h"
#include "tests/sim/checkers/consents.h"
#include "tests/sim/checkers/rendering.h"
#include "tests/support/fake_git.h"

namespace gantry::sim {

/// Nothing changes that Git does not hold and people have not approved: what an Application applies
/// is what the commit of its plan renders to; as many people as its policy asks for have seen
/// exactly these changes at this commit, none of them an author, of each role that it names, and
/// not too long ago, unless it puts back what was applied before; what is held is not applied, nor
/// anything while it is suspended, in a closed window, or before what it depends on, unless
/// somebody wanted just that; and nothing is deleted but what the Application itself has applied
/// and Git no longer holds, nor more at once than the budget without anybody's yes; with a
/// Namespace goes nothing of others, nothing that is protected, and only what people have said yes
/// to. Renders, compares and reads policies by itself; digests and hashes are not looked at.
class DeliveryChecker final : public Checker {
 public:
  DeliveryChecker(const support::FakeGit& git, Rendering& rendering)
      : git_(git), rendering_(rendering), consents_(git) {}

  /// Records a person's yes, before the controller hears of it; answers a number to take it back.
  int consent(Consent consent, const View& view, base::Timestamp now) {
    return consents_.add(std::move(consent), view, now);
  }
  /// The controller has refused it.
  void refused(int consent) { consents_.remove(consent); }

  std::optional<std::string> check(const Commit& commit) override;

 private:
  using Key = manifests::ObjectKey;
  using Object = google::protobuf::Message;
  /// Canonical bytes of what Git said of an object when it was written.
  struct Written {
    std::string content;
    std::string contentWithoutReplicas;
  };
  using Contents = std::map<Key, Written>;

  /// An application's plan that a commit carries out, and the policy it stands under.
  struct Applied {
    const api::Plan* plan = nullptr;
    const schema::Application* application = nullptr;
    const schema::Project* project = nullptr;
    base::Timestamp now;
    /// With this commit; else a wave of it goes on.
    bool isBegun = false;
    /// As they were when it began.
    schema::ApprovalPolicy policy;
    bool isBeyondBudget = false;

    bool isRollback() const { return plan->cause() == "rollback"; }
  };

  std::map<std::string, Applied> appliedBy(const Commit& commit);
  /// The simulator's people ignore nothing else.
  static bool ignoresReplicas(const schema::Application& application);
  /// Why nothing may be applied now, whatever it is; empty if it may.
  std::string keptBack(const Commit& commit, const Applied& applied) const;
  bool isOverridden(const Applied& applied) const;
  /// Nobody is asked by a rollback that the policy wants: to what was applied before.
  std::optional<std::string> checkRollback(const schema::Application* before,
                                           const schema::Application& after) const;
  std::optional<std::string> checkChange(const Commit& commit, const Touched& touched,
                                         const Object* before, const Object* after,
                                         const std::map<std::string, Applied>& applied);
  std::optional<std::string> checkHook(const Commit& commit, const Applied& applied, const Key& key,
                                       const schema::Job& run) const;
  std::optional<std::string> checkDeletion(const Commit& commit, const Applied& applied,
                                           const Key& key, const Object& before);
  /// The plan deletes the object with its Namespace, and its Application has never applied it.
  bool takesAlong(const api::Plan& plan, const Key& key, const Object& before) const;
  std::optional<std::string> checkTakenAlong(const Commit& commit, const Applied& applied,
                                             const Key& key, const Object& before) const;
  std::optional<std::string> checkRevision(const Commit& commit, const schema::Application* before,
                                           const schema::Application& after);
  /// As it was applied last, for which there were approvals then.
  bool isPutBack(const Applied& applied, const Key& key, const Object* before,
                 const Object& after) const;
  /// Empty if enough people have agreed; else what is missing.
  std::string missingConsent(const Applied& applied, const Key& key, const Object* before,
                             const Object* after) const;

  const support::FakeGit& git_;
  Rendering& rendering_;
  Consents consents_;
  /// By name: the plans that have begun, without what they point to.
  std::map<model::Name, Applied> begun_;
  /// By Application, "namespace/name": what it has applied last, and all trees that it ever has.
  std::map<std::string, Contents> inventory_;
  std::map<std::string, std::set<std::string>> appliedTrees_;
};

}  // namespace gantry::sim
