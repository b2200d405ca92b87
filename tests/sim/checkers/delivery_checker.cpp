// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/delivery_checker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "manifests/diff/diff.h"
#include "tests/sim/shop.h"

namespace gantry::sim {
namespace {

using google::protobuf::Message;
using manifests::ObjectKey;

constexpr char kAnnotation[] = "gantry.dev/application";

/// The object, if it is one of those that Git may hold and nothing else has made.
const Message* fromGit(const model::AnyObject& object) {
  return std::visit(
      []<class T>(const std::shared_ptr<const T>& held) -> const Message* {
        if constexpr (std::is_same_v<T, schema::Namespace> ||
                      std::is_same_v<T, schema::ConfigMap> || std::is_same_v<T, schema::Secret> ||
                      std::is_same_v<T, schema::Service> || std::is_same_v<T, schema::Deployment> ||
                      std::is_same_v<T, schema::Application>) {
          return held.get();
        } else {
          return nullptr;
        }
      },
      object);
}

std::string ownerOf(const Message& object) {
  const auto& annotations = manifests::metadataOf(object).annotations();
  const auto found = annotations.find(kAnnotation);
  return found == annotations.end() ? "" : found->second;
}

/// What Git says of an object: without status and uid, without addresses that were handed out (the
/// simulator's manifests name none), and without whose it is.
std::string contentOf(const Message& object) {
  std::unique_ptr<Message> content(object.New());
  content->CopyFrom(object);
  manifests::dropSystemFields(*content);
  manifests::mutableMetadataOf(*content)->mutable_annotations()->erase(kAnnotation);
  if (auto* service = dynamic_cast<schema::Service*>(content.get())) {
    service->mutable_spec()->clear_cluster_ip();
  }
  return manifests::canonicalBytes(*content);
}

/// As on a screen, without the address that is handed out between one look and the next.
std::string withoutAddress(const std::string& yaml) {
  std::string kept;
  for (const auto line : absl::StrSplit(yaml, '\n')) {
    if (line.find("clusterIP:") == std::string_view::npos) absl::StrAppend(&kept, line, "\n");
  }
  return kept;
}

std::string sightOf(const Message* object) {
  return withoutAddress(object == nullptr ? "" : manifests::toYaml(*object));
}

bool isGoing(const Message* object) {
  return object == nullptr || manifests::metadataOf(*object).has_deletion_timestamp();
}

std::string nameOf(const model::Name& name) {
  return absl::StrCat(name.ns, "/", name.name);
}

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

Consent consentTo(const api::Plan& plan, const std::string& by, bool isRollback) {
  Consent consent{by, applicationOf(plan), plan.revision().commit(), isRollback, {}};
  for (const api::PlannedChange& change : plan.changes()) {
    consent.changes[{change.kind(), change.namespace_(), change.name()}] = {
        withoutAddress(change.before_yaml()), withoutAddress(change.after_yaml())};
  }
  return consent;
}

int DeliveryChecker::consent(Consent consent) {
  consents_.emplace(++lastConsent_, std::move(consent));
  return lastConsent_;
}

std::map<std::string, DeliveryChecker::Applied> DeliveryChecker::appliedBy(
    const Commit& commit) const {
  std::map<std::string, Applied> applied;
  for (const Touched& touched : commit.touched) {
    const auto* plan = Touched::in<api::Plan>(touched.after);
    const auto* old = Touched::in<api::Plan>(touched.before);
    if (plan == nullptr) continue;
    // Either at once, or wave by wave.
    const bool isApplied = plan->state() == api::APPLYING || plan->state() == api::APPLIED;
    if (!isApplied || (old != nullptr && old->state() == api::APPLIED)) continue;
    const model::Name name = applicationOf(*plan);
    applied[nameOf(name)] = {plan, before<schema::Application>(commit, name)};
  }
  return applied;
}

std::optional<std::string> DeliveryChecker::check(const Commit& commit) {
  if (commit.isStrangers) return std::nullopt;
  const std::map<std::string, Applied> applied = appliedBy(commit);
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
    if (auto broken = checkRevision(commit, old, *now)) return broken;
  }
  return std::nullopt;
}

std::optional<std::string> DeliveryChecker::checkChange(
    const Commit& commit, const Touched& touched, const Message* old, const Message* now,
    const std::map<std::string, Applied>& applied) {
  const ObjectKey key{touched.kind, touched.name.ns, touched.name.name};
  // The controller keeps the root Application itself.
  if (key == ObjectKey{"Application", kSystemNamespace, kRoot}) return std::nullopt;
  const bool isDeleted = isGoing(now) && !isGoing(old);
  if (isGoing(now) && !isDeleted) return std::nullopt;
  if (!isDeleted && old != nullptr && contentOf(*old) == contentOf(*now) &&
      ownerOf(*old) == ownerOf(*now)) {
    return std::nullopt;
  }
  if (isDeleted && !key.ns.empty()) {
    // What is in a namespace goes with it.
    const auto* ns = commit.view.find<schema::Namespace>({"", key.ns});
    if (isGoing(ns) && key.kind != "Application") return std::nullopt;
  }
  const std::string owner = ownerOf(isDeleted ? *old : *now);
  const auto by = applied.find(owner);
  const std::string what = absl::StrCat(key.toString(), isDeleted ? " was deleted" : " changed");
  if (owner.empty()) return absl::StrCat(what, " although it belongs to no Application");
  if (by == applied.end() || by->second.application == nullptr) {
    return absl::StrCat(what, " without a plan of ", owner, " being applied");
  }
  const Applied& cause = by->second;
  if (isDeleted) return checkDeletion(cause, key, *old);
  const Contents& wanted = render(*cause.application, cause.plan->revision().commit());
  const auto found = wanted.find(key);
  if (found == wanted.end() || found->second != contentOf(*now)) {
    return absl::StrCat(what, " to something else than commit ",
                        cause.plan->revision().commit().substr(0, 8), " of plan ",
                        cause.plan->name(), " holds");
  }
  const std::string missing = missingConsent(cause, key, old, now);
  return missing.empty() ? std::nullopt : std::optional(absl::StrCat(what, " ", missing));
}

std::optional<std::string> DeliveryChecker::checkDeletion(const Applied& applied,
                                                          const ObjectKey& key,
                                                          const Message& old) {
  const std::string what =
      absl::StrCat(key.toString(), " was deleted by plan ", applied.plan->name());
  if (!inventory_[ownerOf(old)].contains(key)) {
    return absl::StrCat(what, " although ", ownerOf(old), " has never applied it");
  }
  if (render(*applied.application, applied.plan->revision().commit()).contains(key)) {
    return absl::StrCat(what, " although Git holds it");
  }
  const std::string missing = missingConsent(applied, key, &old, nullptr);
  if (!missing.empty()) return absl::StrCat(what, " ", missing);
  inventory_[ownerOf(old)].erase(key);
  return std::nullopt;
}

std::string DeliveryChecker::missingConsent(const Applied& applied, const ObjectKey& key,
                                            const Message* old, const Message* now) const {
  const api::Plan& plan = *applied.plan;
  int required = applied.application->spec().sync_policy().approval().required();
  const bool isRollback = plan.cause() == "rollback";
  // A rollback is one person's decision, whatever the policy asks for otherwise.
  if (isRollback) required = 1;
  if (now == nullptr && key.kind == "Application") required = std::max(required, 1);
  if (required == 0) return {};
  if (now != nullptr) {
    const auto mine = inventory_.find(nameOf(applicationOf(plan)));
    if (mine != inventory_.end()) {
      const auto last = mine->second.find(key);
      // Put back as it was, for which there were approvals then.
      if (last != mine->second.end() && last->second == contentOf(*now)) return {};
    }
  }
  std::set<std::string> people;
  for (const auto& [number, consent] : consents_) {
    if (consent.application != applicationOf(plan) || consent.isRollback != isRollback) continue;
    if (!isRollback && consent.commit != plan.revision().commit()) continue;
    const auto seen = consent.changes.find(key);
    if (seen == consent.changes.end()) continue;
    if (seen->second.before == sightOf(old) && seen->second.after == sightOf(now)) {
      people.insert(consent.by);
    }
  }
  if (static_cast<int>(people.size()) >= required) return {};
  return absl::StrCat("by plan ", plan.name(), ": ", people.size(), " of ", required,
                      " people have approved that very change at ",
                      plan.revision().commit().substr(0, 8));
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
  for (const auto& [holdName, hold] : commit.view.table<api::Hold>()) {
    if (hold->namespace_() != name.ns || hold->application() != name.name) continue;
    if (hold->commit() == applied || hold->tree_hash() == tree) {
      return absl::StrCat(nameOf(name), " applied ", applied.substr(0, 8), ", which is held by ",
                          hold->by());
    }
  }
  for (const auto& [key, content] : render(now, applied)) inventory_[nameOf(name)][key] = content;
  return std::nullopt;
}

const DeliveryChecker::Contents& DeliveryChecker::render(const schema::Application& application,
                                                         const std::string& commit) {
  const std::string& path = application.spec().source().path();
  const auto [entry, isNew] = rendered_.try_emplace({path, commit});
  if (!isNew) return entry->second;
  std::vector<manifests::SourceFile> files;
  for (const auto& [file, text] : git_.filesOf(kUrl, commit)) {
    if (file.starts_with(path + "/")) files.push_back({file, text});
  }
  const manifests::RenderedSet set =
      manifests::renderFolder(files, application.spec().destination().namespace_());
  for (const manifests::Resource& resource : set.resources) {
    entry->second[resource.key()] = contentOf(resource.message());
  }
  return entry->second;
}

}  // namespace gantry::sim
