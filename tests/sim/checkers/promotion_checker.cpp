// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/promotion_checker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/health.h"
#include "tests/sim/shop.h"

namespace gantry::sim {
namespace {

/// Whether somebody's health may be another one with this commit.
bool concernsHealth(const Commit& commit) {
  return std::ranges::any_of(commit.touched, [](const Touched& touched) {
    return touched.kind != model::kindName<model::Pod>() && fromGit(touched.after) != nullptr;
  });
}

model::Name sourceOf(const schema::Application& application) {
  return {application.metadata().namespace_(), application.spec().promotion().from()};
}

/// The plan brings in what Git holds, now.
bool hasBegun(const api::Plan* before, const api::Plan& after) {
  return after.cause() == "sync" &&
         (after.state() == api::APPLYING || after.state() == api::APPLIED) &&
         (before == nullptr || before->state() < api::APPLYING);
}

}  // namespace

std::string PromotionChecker::healthyTree(const schema::Application& application,
                                          const View& view) {
  const schema::Revision& applied = application.status().applied();
  // Without this hash only some of its waves are in.
  if (applied.commit().empty() || applied.rendered_hash().empty()) return {};
  for (const auto& [key, desired] : rendering_.at(application, applied.commit())) {
    if (desired.hook.empty() && !isHealthy(view, key)) return {};
  }
  return applied.tree_hash();
}

void PromotionChecker::follow(const model::Name& name, const Commit& commit) {
  const auto* application = commit.view.find<schema::Application>(name);
  const std::string tree =
      application == nullptr ? std::string() : healthyTree(*application, commit.view);
  Span& span = running_[name];
  if (span.tree == tree) return;
  // For a moment is enough where nothing has to soak.
  if (!span.tree.empty()) {
    base::Duration& longest = longest_[{name, span.tree}];
    longest = std::max(longest, commit.now - span.since);
  }
  Span& before = ended_[name];
  // Until its reconciler has seen a change, nobody knows of a Deployment: that is no break.
  if (before.tree == tree && before.until == commit.now) {
    span = before;
    return;
  }
  before = span;
  before.until = commit.now;
  span = {tree, commit.now, {}};
}

base::Duration PromotionChecker::healthyFor(const model::Name& application, const std::string& tree,
                                            base::Timestamp now) const {
  const auto ended = longest_.find({application, tree});
  const base::Duration longest = ended == longest_.end() ? base::Duration(-1) : ended->second;
  const auto span = running_.find(application);
  if (span == running_.end() || span->second.tree != tree) return longest;
  return std::max(longest, now - span->second.since);
}

std::optional<std::string> PromotionChecker::judge(const schema::Application& application,
                                                   const schema::Revision& revision,
                                                   const std::string& what,
                                                   base::Timestamp now) const {
  const auto before = applied_.find(model::nameOf(application));
  if (before != applied_.end() && before->second.contains(revision.tree_hash())) {
    return std::nullopt;
  }
  const std::string& at = revision.head().empty() ? revision.commit() : revision.head();
  if (git_.treeHashOf(kUrl, at, application.spec().source().path()) != revision.tree_hash()) {
    return absl::StrCat(what, " as at ", at.substr(0, 8), ", which holds something else");
  }
  const model::Name source = sourceOf(application);
  const auto* from = running_.contains(source) ? &running_.at(source) : nullptr;
  const std::string tree = git_.treeHashOf(kUrl, at, source.name);
  const base::Duration healthy = healthyFor(source, tree, now);
  const base::Duration soak = std::chrono::seconds(application.spec().promotion().soak_seconds());
  if (from != nullptr && healthy >= soak) return std::nullopt;
  return absl::StrCat(
      what, " although ", source.name,
      healthy < base::Duration(0)
          ? " was never healthy"
          : absl::StrCat(" was healthy for ", healthy.count(), " of ", soak.count(), " ms"),
      " with what it is at ", at.substr(0, 8));
}

std::optional<std::string> PromotionChecker::check(const Commit& commit) {
  if (concernsHealth(commit)) {
    for (const auto& [name, application] : commit.view.table<schema::Application>()) {
      if (application->spec().has_promotion()) follow(sourceOf(*application), commit);
    }
  }
  for (const Touched& touched : commit.touched) {
    if (const auto* plan = Touched::in<api::Plan>(touched.after)) {
      const auto* application =
          commit.view.find<schema::Application>({plan->namespace_(), plan->application()});
      if (application == nullptr || !application->spec().has_promotion()) continue;
      if (!hasBegun(Touched::in<api::Plan>(touched.before), *plan)) continue;
      const std::string what = absl::StrCat("plan ", plan->name(), " was applied");
      if (auto broken = judge(*application, plan->revision(), what, commit.now)) return broken;
    }
  }
  for (const Touched& touched : commit.touched) {
    const auto* now = Touched::in<schema::Application>(touched.after);
    if (now == nullptr || now->status().applied().commit().empty()) continue;
    const schema::Revision& applied = now->status().applied();
    if (now->spec().has_promotion()) {
      const std::string what =
          absl::StrCat(touched.name.name, " has taken over ", applied.commit().substr(0, 8));
      if (auto broken = judge(*now, applied, what, commit.now)) return broken;
    }
    applied_[touched.name].insert(applied.tree_hash());
  }
  return std::nullopt;
}

}  // namespace gantry::sim
