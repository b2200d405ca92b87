// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/delivery_checker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/deletions.h"
#include "tests/sim/checkers/policy.h"
#include "tests/sim/shop.h"

namespace gantry::sim {
namespace {

using google::protobuf::Message;
using manifests::ObjectKey;

/// Who goes back where nobody was asked.
constexpr char kController[] = "controller";

model::Name applicationOf(const api::Plan& plan) {
  return {plan.namespace_(), plan.application()};
}

template <class T>
const T* before(const Commit& commit, const model::Name& name) {
  for (const Touched& touched : commit.touched) {
    if (touched.name == name && touched.kind == model::kindName<T>()) {
      return Touched::in<T>(touched.before);
    }
  }
  return commit.view.find<T>(name);
}

}  // namespace

std::map<std::string, DeliveryChecker::Applied> DeliveryChecker::appliedBy(const Commit& commit) {
  std::map<std::string, Applied> applied;
  for (const Touched& touched : commit.touched) {
    const auto* plan = Touched::in<api::Plan>(touched.after);
    const auto* old = Touched::in<api::Plan>(touched.before);
    if (plan == nullptr) continue;
    // Either at once, or wave by wave.
    const bool isApplied = plan->state() == api::APPLYING || plan->state() == api::APPLIED;
    if (!isApplied || (old != nullptr && old->state() == api::APPLIED)) continue;
    const model::Name name = applicationOf(*plan);
    const auto* application = before<schema::Application>(commit, name);
    if (application == nullptr) continue;
    Applied& entry = applied[fullName(name)];
    const bool isBegun = old == nullptr || old->state() < api::APPLYING;
    if (!isBegun) entry = begun_[touched.name];
    entry.plan = plan;
    entry.application = application;
    entry.project = before<schema::Project>(commit, projectOf(*application));
    entry.now = commit.now;
    entry.isBegun = isBegun;
    if (!isBegun) continue;
    entry.policy = application->spec().sync_policy().approval();
    entry.isBeyondBudget = isBeyondBudget(
        *application, static_cast<int>(std::ranges::count(plan->changes(), api::DELETE,
                                                          &api::PlannedChange::action)));
    begun_[touched.name] = entry;
  }
  return applied;
}

bool DeliveryChecker::ignoresReplicas(const schema::Application& application) {
  return !application.spec().ignore_differences().empty();
}

std::string DeliveryChecker::keptBack(const Commit& commit, const Applied& applied) const {
  const schema::Application& application = *applied.application;
  const std::string& wanted = applied.plan->revision().commit();
  const std::string holder =
      holderOf(applicationOf(*applied.plan), wanted,
               git_.treeHashOf(kUrl, wanted, application.spec().source().path()), commit.view);
  if (!holder.empty()) {
    return absl::StrCat("although ", wanted.substr(0, 8), " is held by ", holder);
  }
  if (isStopped(application, commit.now)) {
    return absl::StrCat("although ", application.status().suspension().by(), " has suspended it");
  }
  if (!applied.isBegun || applied.isRollback() || isOverridden(applied)) return {};
  const std::string window = closedWindow(application, applied.project, commit.now);
  if (!window.empty()) return absl::StrCat("although its windows are closed: ", window);
  // What was applied is put back whatever became of others.
  if (applied.plan->cause() == "self-heal") return {};
  const std::string dependency = missingDependency(application, commit.view);
  return dependency.empty() ? "" : absl::StrCat("although ", dependency);
}

bool DeliveryChecker::isOverridden(const Applied& applied) const {
  const Consent now = consentTo(*applied.plan, "", Consent::To::kOverride);
  return std::ranges::any_of(
      consents_.counted(now.application, now.to, now.commit, applied.now),
      [&](const Consents::Counted& given) { return given.consent->changes == now.changes; });
}

std::optional<std::string> DeliveryChecker::check(const Commit& commit) {
  if (commit.isStrangers) return std::nullopt;
  const std::map<std::string, Applied> applied = appliedBy(commit);
  for (const auto& [name, each] : applied) {
    const std::string why = each.isBegun ? keptBack(commit, each) : "";
    if (!why.empty()) return absl::StrCat("plan ", each.plan->name(), " was applied ", why);
  }
  for (const Touched& touched : commit.touched) {
    const Message* old = fromGit(touched.before);
    const Message* now = fromGit(touched.after);
    if (old == nullptr && now == nullptr) continue;
    if (auto broken = checkChange(commit, touched, old, now, applied)) return broken;
  }
  for (const Touched& touched : commit.touched) {
    const auto* now = Touched::in<schema::Application>(touched.after);
    if (now == nullptr) continue;
    const auto* old = Touched::in<schema::Application>(touched.before);
    if (auto broken = checkRollback(old, *now)) return broken;
    if (auto broken = checkRevision(commit, old, *now)) return broken;
  }
  return std::nullopt;
}

std::optional<std::string> DeliveryChecker::checkChange(
    const Commit& commit, const Touched& touched, const Message* old, const Message* now,
    const std::map<std::string, Applied>& applied) {
  const ObjectKey key{touched.kind, touched.name.ns, touched.name.name};
  // The controller keeps the root Application itself.
  if (key == ObjectKey{"Application", kSystemNamespace, api::kRootApplication}) return std::nullopt;
  const bool isDeleted = isGoing(now) && !isGoing(old);
  if (isGoing(now) && !isDeleted) return std::nullopt;
  if (!isDeleted && old != nullptr && contentOf(*old) == contentOf(*now) &&
      ownerOf(*old) == ownerOf(*now)) {
    return std::nullopt;
  }
  if (isDeleted && !key.ns.empty()) {
    // All that was in it went in the same step as its deletion began: this has come since then.
    const auto* ns = before<schema::Namespace>(commit, {"", key.ns});
    if (ns != nullptr && isGoing(ns)) return std::nullopt;
    for (const auto& [name, each] : applied) {
      if (takesAlong(*each.plan, key, *old)) return checkTakenAlong(commit, each, key, *old);
    }
  }
  const std::string owner = ownerOf(isDeleted ? *old : *now);
  const std::string hook = hookOf(isDeleted ? *old : *now);
  // One that has run goes when its time has come, one that runs when its plan is over.
  if (isDeleted && !hook.empty()) return std::nullopt;
  const auto by = applied.find(owner);
  const std::string what = absl::StrCat(key.toString(), isDeleted ? " was deleted" : " changed");
  if (owner.empty()) return absl::StrCat(what, " although it belongs to no Application");
  if (by == applied.end()) {
    return absl::StrCat(what, " without a plan of ", owner, " being applied");
  }
  const Applied& cause = by->second;
  if (!hook.empty()) return checkHook(commit, cause, key, dynamic_cast<const schema::Job&>(*now));
  if (const std::string why = keptBack(commit, cause); !why.empty()) {
    return absl::StrCat(what, " by plan ", cause.plan->name(), " ", why);
  }
  if (isDeleted) return checkDeletion(commit, cause, key, *old);
  const DesiredSet& wanted = rendering_.at(*cause.application, cause.plan->revision().commit());
  const auto found = wanted.find(key);
  const bool isWanted =
      found != wanted.end() && (found->second.content == contentOf(*now) ||
                                (old != nullptr && ignoresReplicas(*cause.application) &&
                                 found->second.contentWithoutReplicas == withoutReplicas(*now)));
  if (!isWanted) {
    return absl::StrCat(what, " to something else than commit ",
                        cause.plan->revision().commit().substr(0, 8), " of plan ",
                        cause.plan->name(), " holds");
  }
  const std::string missing = missingConsent(cause, key, old, now);
  if (!missing.empty()) return absl::StrCat(what, " ", missing);
  inventory_[owner][key] = {contentOf(*now), withoutReplicas(*now)};
  return std::nullopt;
}

std::optional<std::string> DeliveryChecker::checkHook(const Commit& commit, const Applied& cause,
                                                      const ObjectKey& key,
                                                      const schema::Job& run) const {
  const api::Plan& plan = *cause.plan;
  const std::string what = absl::StrCat(key.toString(), " was run by plan ", plan.name());
  for (const auto& [wanted, desired] :
       rendering_.at(*cause.application, plan.revision().commit())) {
    if (desired.hook.empty() || hookJobOf(plan.name(), wanted.name) != key.name) continue;
    const schema::Job written = hookOfRun(run, wanted.name);
    if (contentOf(written) != desired.content) return absl::StrCat(what, " otherwise than in Git");
    // What cleans up is not kept back, not even by those who change their mind.
    if (desired.hook == "SyncFail") return std::nullopt;
    if (const std::string why = keptBack(commit, cause); !why.empty()) {
      return absl::StrCat(what, " ", why);
    }
    const std::string missing = missingConsent(cause, wanted, nullptr, &written);
    return missing.empty() ? std::nullopt : std::optional(absl::StrCat(what, " ", missing));
  }
  return absl::StrCat(what, ", whose commit holds no such hook");
}

bool DeliveryChecker::takesAlong(const api::Plan& plan, const ObjectKey& key,
                                 const Message& old) const {
  const std::string name = fullName(applicationOf(plan));
  const auto mine = inventory_.find(name);
  const bool isApplied =
      ownerOf(old) == name && mine != inventory_.end() && mine->second.contains(key);
  return !isApplied && deletes(plan, key) && deletes(plan, {"Namespace", "", key.ns});
}

std::optional<std::string> DeliveryChecker::checkTakenAlong(const Commit& commit,
                                                            const Applied& applied,
                                                            const ObjectKey& key,
                                                            const Message& old) const {
  const std::string what =
      absl::StrCat(key.toString(), " went with its namespace by plan ", applied.plan->name(), " ");
  const std::string owner = ownerOf(old);
  const bool isOthers = owner != fullName(applicationOf(*applied.plan));
  for (const auto& [name, application] : commit.view.table<schema::Application>()) {
    if (isOthers && fullName(name) == owner) return absl::StrCat(what, "although it is of ", owner);
  }
  if (isProtected(old)) return absl::StrCat(what, "although it is protected");
  if (const std::string why = keptBack(commit, applied); !why.empty()) {
    return absl::StrCat(what, why);
  }
  const std::string missing = missingConsent(applied, key, &old, nullptr);
  return missing.empty() ? std::nullopt : std::optional(absl::StrCat(what, missing));
}

std::optional<std::string> DeliveryChecker::checkDeletion(const Commit& commit,
                                                          const Applied& applied,
                                                          const ObjectKey& key,
                                                          const Message& old) {
  const std::string what =
      absl::StrCat(key.toString(), " was deleted by plan ", applied.plan->name());
  if (!inventory_[ownerOf(old)].contains(key)) {
    return absl::StrCat(what, " although ", ownerOf(old), " has never applied it");
  }
  if (rendering_.at(*applied.application, applied.plan->revision().commit()).contains(key)) {
    return absl::StrCat(what, " although Git holds it");
  }
  if (key.kind == "Namespace") {
    const std::string left = leftIn(commit.view, key.name);
    if (!left.empty()) return absl::StrCat(what, " although it does not delete ", left);
  }
  const std::string missing = missingConsent(applied, key, &old, nullptr);
  if (!missing.empty()) return absl::StrCat(what, " ", missing);
  inventory_[ownerOf(old)].erase(key);
  return std::nullopt;
}

bool DeliveryChecker::isPutBack(const Applied& applied, const ObjectKey& key, const Message* old,
                                const Message& now) const {
  const auto mine = inventory_.find(fullName(applicationOf(*applied.plan)));
  if (mine == inventory_.end()) return false;
  const auto last = mine->second.find(key);
  if (last == mine->second.end()) return false;
  if (last->second.content == contentOf(now)) return true;
  // Where Git does not say how many, they stay as many as somebody else has made them.
  const auto* was = dynamic_cast<const schema::Deployment*>(old);
  const auto* is = dynamic_cast<const schema::Deployment*>(&now);
  return was != nullptr && is != nullptr && ignoresReplicas(*applied.application) &&
         was->spec().replicas() == is->spec().replicas() &&
         last->second.contentWithoutReplicas == withoutReplicas(now);
}

std::string DeliveryChecker::missingConsent(const Applied& applied, const ObjectKey& key,
                                            const Message* old, const Message* now) const {
  const api::Plan& plan = *applied.plan;
  const auto& names = applied.policy.roles();
  std::set<std::string> roles(names.begin(), names.end());
  int required = std::max(applied.policy.required(), roles.empty() ? 0 : 1);
  const bool isTaken = now == nullptr && takesAlong(plan, key, *old);
  // A rollback is one person's decision, whatever the policy asks for otherwise, or the policy's.
  if (applied.isRollback()) {
    if (plan.initiator() == kController) {
      return applied.isBeyondBudget || isTaken ? "by itself: that is for a person to decide" : "";
    }
    required = 1;
    roles.clear();
  }
  const bool isApplication = now == nullptr && key.kind == "Application";
  if (isApplication || isTaken || applied.isBeyondBudget) {
    required = std::max(required, 1);
  }
  // Fewer approvals are for those to say whom the policy asks.
  const auto* was = dynamic_cast<const schema::Application*>(old);
  const auto* is = dynamic_cast<const schema::Application*>(now);
  if (was != nullptr && is != nullptr) {
    const schema::ApprovalPolicy& before = was->spec().sync_policy().approval();
    const bool isFewer = is->spec().sync_policy().approval().required() < before.required();
    if (isFewer && !before.author_may_approve()) required = std::max(required, before.required());
  }
  if (required == 0) return {};
  if (now != nullptr && isPutBack(applied, key, old, *now)) return {};
  std::set<std::string> people;
  for (const auto& [consent, rolesThen] : consents_.counted(
           applicationOf(plan), applied.isRollback() ? Consent::To::kRollback : Consent::To::kPlan,
           applied.isRollback() ? "" : plan.revision().commit(), applied.now)) {
    const auto seen = consent->changes.find(key);
    if (seen == consent->changes.end()) continue;
    if (seen->second != Consent::Sight{sightOf(old), sightOf(now)}) continue;
    people.insert(consent->by);
    for (const std::string& role : *rolesThen) roles.erase(role);
  }
  if (static_cast<int>(people.size()) >= required && roles.empty()) return {};
  return absl::StrCat("by plan ", plan.name(), ": ", people.size(), " of ", required,
                      " people have approved that very change at ",
                      plan.revision().commit().substr(0, 8),
                      roles.empty() ? "" : absl::StrCat(", and nobody of ", *roles.begin()));
}

std::optional<std::string> DeliveryChecker::checkRollback(const schema::Application* old,
                                                          const schema::Application& now) const {
  if (!now.status().has_rollback() || now.status().rollback().by() != kController) return {};
  if (old != nullptr && old->status().has_rollback()) return {};
  const std::string name = fullName({now.metadata().namespace_(), now.metadata().name()});
  if (old == nullptr || !old->spec().sync_policy().has_automatic_rollback()) {
    return absl::StrCat(name, " goes back by itself, which its policy does not want");
  }
  const std::string& tree = now.status().rollback().target().tree_hash();
  const auto trees = appliedTrees_.find(name);
  if (trees != appliedTrees_.end() && trees->second.contains(tree)) return {};
  return absl::StrCat(name, " goes back by itself to what was never applied");
}

std::optional<std::string> DeliveryChecker::checkRevision(const Commit& commit,
                                                          const schema::Application* old,
                                                          const schema::Application& now) {
  const std::string& applied = now.status().applied().commit();
  if (applied.empty() || (old != nullptr && old->status().applied().commit() == applied)) {
    return std::nullopt;
  }
  const model::Name name{now.metadata().namespace_(), now.metadata().name()};
  const std::string tree = git_.treeHashOf(kUrl, applied, now.spec().source().path());
  const std::string holder = holderOf(name, applied, tree, commit.view);
  // A revert commit may reach Git after somebody has held what it holds, and runs already.
  const bool runs = old != nullptr && old->status().applied().tree_hash() == tree;
  if (!holder.empty() && !runs) {
    return absl::StrCat(fullName(name), " applied ", applied.substr(0, 8), ", which is held by ",
                        holder);
  }
  appliedTrees_[fullName(name)].insert(tree);
  for (const auto& [key, desired] : rendering_.at(now, applied)) {
    // What was written is consented to; what needed no write nobody has seen.
    if (desired.hook.empty()) inventory_[fullName(name)].try_emplace(key);
  }
  return std::nullopt;
}

}  // namespace gantry::sim
