// SPDX-License-Identifier: Apache-2.0
#include "controller/api/system_names.h"
#include "controller/delivery/dependencies.h"
#include "controller/delivery/left_pods.h"
#include "controller/delivery/merge.h"
#include "controller/delivery/project.h"
#include "controller/delivery/waves.h"
#include "controller/loops/delivery/impl.h"

namespace gantry::loops {
namespace {

manifests::ObjectKey keyOf(const schema::InventoryItem& item) {
  return {item.kind(), item.namespace_(), item.name()};
}

}  // namespace

void DeliveryLoop::Impl::observe(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    if (const auto* application = std::get_if<model::Ptr<schema::Application>>(&change.object)) {
      const model::Name name = model::nameOf(**application);
      if (name != committing_ || change.erased) queue_.mark(name);
      markDependents(name);
    }
    if (const auto* project = change.as<schema::Project>()) {
      std::vector<model::Name> concerned;
      for (auto& [name, follower] : followers_) {
        const schema::Application* application = state().applications.find(name);
        if (application == nullptr) continue;
        const std::string& used = application->spec().project();
        if ((used.empty() ? api::kDefaultProject : used) != project->metadata().name()) continue;
        follower.replan = true;
        queue_.mark(name);
        // The trusted keys may be others.
        if (application->spec().source().require_signature()) concerned.push_back(name);
      }
      for (const model::Name& name : concerned) beginFetch(name);
    }
    if (const auto* record = change.as<api::AuditRecord>();
        record != nullptr && !record->exported()) {
      executor_.post(
          [this, alive = alive_, name = model::Name{record->namespace_(), record->application()}] {
            if (*alive) exportNotes(name);
          });
      continue;
    }
    if (const auto* entry = change.as<api::HistoryEntry>()) {
      markDependents({entry->namespace_(), entry->application()});
      continue;
    }
    if (const auto* hold = std::get_if<model::Ptr<api::Hold>>(&change.object)) {
      const model::Name name{(*hold)->namespace_(), (*hold)->application()};
      if (const auto found = followers_.find(name); found != followers_.end()) {
        found->second.replan = true;
        queue_.mark(name);
      }
      markDependents(name);
      continue;
    }
    observeObject(change);
  }
}

void DeliveryLoop::Impl::observeObject(const model::Change& change) {
  manifests::ObjectKey key{change.kind, change.name.ns, change.name.name};
  const auto* pod = std::get_if<model::Ptr<model::Pod>>(&change.object);
  // What a Pod says is told by its Deployment, or by its Job.
  if (pod != nullptr) key = delivery::wholeOf(**pod);
  const auto owned = owners_.find(key);
  if (owned == owners_.end()) return;
  const model::Name& name = owned->second.application;
  const auto follower = followers_.find(name);
  if (follower == followers_.end()) return;
  bool differs = change.erased && key.kind == change.kind;
  std::visit(
      [&]<class T>(const model::Ptr<T>& object) {
        if constexpr (requires { object->metadata(); }) {
          // What Git leaves to the system in a Service is not known here: plan, to be sure.
          differs |= key.kind == "Service" ||
                     delivery::contentHash(*object, nullptr) != owned->second.hash;
        }
      },
      change.object);
  follower->second.replan |= differs;
  queue_.mark(name);
}

void DeliveryLoop::Impl::indexInventory(const schema::Application& application,
                                        const api::Plan* applying) {
  const model::Name name = model::nameOf(application);
  for (const manifests::ObjectKey& key : owned_[name]) {
    const auto found = owners_.find(key);
    if (found != owners_.end() && found->second.application == name) owners_.erase(found);
  }
  std::vector<manifests::ObjectKey>& keys = owned_[name];
  keys.clear();
  for (const schema::InventoryItem& item : application.status().inventory()) {
    keys.push_back(keyOf(item));
    owners_[keys.back()] = {name, item.applied_hash()};
  }
  if (applying == nullptr) return;
  for (const api::PlannedChange& change : applying->changes()) {
    if (change.hook().empty() && change.action() != api::DELETE) continue;
    manifests::ObjectKey key{change.kind(), change.namespace_(), change.name()};
    if (!change.hook().empty()) key.name = delivery::hookJobName(*applying, change);
    if (owners_.try_emplace(key, Owned{name, ""}).second) keys.push_back(std::move(key));
  }
}

void DeliveryLoop::Impl::indexDependencies(const schema::Application& application) {
  const model::Name name = model::nameOf(application);
  for (const model::Name& other : looksAt_[name]) dependents_[other].erase(name);
  looksAt_[name] = delivery::looksAt(application);
  for (const model::Name& other : looksAt_[name]) dependents_[other].insert(name);
}

void DeliveryLoop::Impl::markDependents(const model::Name& name) {
  const auto found = dependents_.find(name);
  if (found == dependents_.end()) return;
  for (const model::Name& other : found->second) {
    const auto follower = followers_.find(other);
    if (follower == followers_.end()) continue;
    follower->second.replan = true;
    queue_.mark(other);
  }
}

void DeliveryLoop::Impl::lookAgain(const model::Name& name) {
  const auto found = followers_.find(name);
  if (found != followers_.end()) found->second.replan = true;
  if (!step(name)) queue_.mark(name);
}

void DeliveryLoop::Impl::lookInTime(const model::Name& name) {
  Follower& follower = followers_.at(name);
  if (follower.look != 0) executor_.cancel(std::exchange(follower.look, 0));
  std::optional<base::Timestamp> at;
  for (const auto& each :
       {follower.decisionChangesAt, follower.promotionChangesAt, follower.healthChangesAt}) {
    if (each && (!at || *each < *at)) at = each;
  }
  if (!at) return;
  // A little later, so that a time that is compared with is surely past.
  const base::Duration wait = std::max(base::Duration(0), *at - executor_.wallNow());
  follower.look = executor_.postAfter(wait + base::Duration(1), [this, alive = alive_, name] {
    if (!*alive) return;
    const auto found = followers_.find(name);
    if (found == followers_.end()) return;
    found->second.look = 0;
    found->second.replan = true;
    queue_.mark(name);
  });
}

}  // namespace gantry::loops
