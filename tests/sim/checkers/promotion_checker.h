// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "tests/sim/checkers/checker.h"
#include "tests/sim/checkers/rendering.h"
#include "tests/support/fake_git.h"

namespace gantry::sim {

/// What is promoted was healthy before: an Application with a promotion applies nothing new but
/// what its folder holds at a commit whose content ran in the Application before it, all of it in
/// and rolled out, without a break for as long as the policy says. What it had applied before it
/// may apply again. Keeps its own account of who was healthy for how long.
class PromotionChecker final : public Checker {
 public:
  PromotionChecker(const support::FakeGit& git, Rendering& rendering)
      : git_(git), rendering_(rendering) {}

  std::optional<std::string> check(const Commit& commit) override;

 private:
  /// The content that runs healthily, by the hash of its tree; empty: none does.
  struct Span {
    std::string tree;
    base::Timestamp since;
    /// Of one that has ended.
    base::Timestamp until;
  };

  /// The hash of the tree that runs in an Application, whole and healthy; empty: none.
  std::string healthyTree(const schema::Application& application, const View& view);
  void follow(const model::Name& name, const Commit& commit);
  std::optional<std::string> judge(const schema::Application& application,
                                   const schema::Revision& revision, const std::string& what,
                                   base::Timestamp now) const;
  base::Duration healthyFor(const model::Name& application, const std::string& tree,
                            base::Timestamp now) const;

  const support::FakeGit& git_;
  Rendering& rendering_;
  std::map<model::Name, Span> running_;
  /// The one before that.
  std::map<model::Name, Span> ended_;
  /// The longest times that have ended, by Application and tree.
  std::map<std::pair<model::Name, std::string>, base::Duration> longest_;
  /// By Application: the trees that it has applied.
  std::map<model::Name, std::set<std::string>> applied_;
};

}  // namespace gantry::sim
