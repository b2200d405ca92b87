// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/planner.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "controller/api/system_names.h"
#include "controller/delivery/deletions.h"
#include "controller/delivery/ignored.h"
#include "controller/delivery/merge.h"
#include "controller/delivery/settings.h"
#include "controller/delivery/waves.h"
#include "manifests/diff/diff.h"
#include "manifests/validate/validate.h"

namespace gantry::delivery {
namespace {

using manifests::ObjectKey;
using manifests::Resource;

ObjectKey keyOf(const schema::InventoryItem& item) {
  return {item.kind(), item.namespace_(), item.name()};
}

using Inventory = std::map<ObjectKey, schema::InventoryItem>;

Inventory inventoryOf(const schema::Application& application) {
  Inventory items;
  for (const schema::InventoryItem& item : application.status().inventory()) {
    items[keyOf(item)] = item;
  }
  return items;
}

/// Hash of an object as the manifests say it.
std::string hashOf(const Resource& resource, const std::string& owner) {
  return contentHash(*merge(resource.message(), owner, nullptr), &resource.message());
}

ObjectKey keyOfChange(const api::PlannedChange& change) {
  return {change.kind(), change.namespace_(), change.name()};
}

api::PlannedChange makeChange(api::ChangeAction action, const ObjectKey& key) {
  api::PlannedChange change;
  change.set_action(action);
  change.set_kind(key.kind);
  change.set_namespace_(key.ns);
  change.set_name(key.name);
  return change;
}

bool applicationExists(const model::State& state, const std::string& fullName) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(fullName, absl::MaxSplits('/', 1));
  return state.applications.find({parts.first, parts.second}) != nullptr;
}

/// Why `live` is not this Application's to change; empty if it is.
std::string ownerConflict(const Message& live, const std::string& owner,
                          const model::State& state) {
  for (const schema::OwnerReference& reference : manifests::metadataOf(live).owner_references()) {
    return absl::StrCat("is made and kept by ", reference.kind(), " ", reference.name(),
                        "; give the object in Git another name");
  }
  const std::string other = ownerOf(live);
  if (other.empty() || other == owner || !applicationExists(state, other)) return {};
  return absl::StrCat("belongs to Application ", other, "; keep it in one of the two");
}

/// Why no manifest of `owner` may say what that object is; empty if one may.
std::string notToHold(const ObjectKey& key, const std::string& owner) {
  static const std::string root = absl::StrCat(api::kSystemNamespace, "/", api::kRootApplication);
  if (key.kind == "Application" && absl::StrCat(key.ns, "/", key.name) == owner) {
    return "cannot be in its own folder; move it to another Application's";
  }
  if (key == ObjectKey{"Application", api::kSystemNamespace, api::kRootApplication}) {
    return "is kept by the controller, as it was started; take it out of Git";
  }
  if (key == ObjectKey{"Namespace", "", api::kSystemNamespace} && owner != root) {
    return absl::StrCat("is Gantry's own; only ", root, " may hold it: move it to its folder");
  }
  return {};
}

std::string reasonOf(const ObjectKey& key, const api::PlannedChange& change,
                     const Inventory& inventory) {
  const auto before = inventory.find(key);
  if (before != inventory.end() && before->second.approved_hash() == change.after_hash()) {
    return change.action() == api::CREATE ? "removed by other means than Git"
                                          : "changed by other means than Git";
  }
  if (change.action() == api::UPDATE && (key.kind == "ConfigMap" || key.kind == "Secret")) {
    return "restarts no pod: what a pod read when it started stays until it is restarted";
  }
  return {};
}

class Planner {
 public:
  /// `ahead` (null: nothing is under way) says what will be there.
  Planner(const schema::Application& application, const model::State& state,
          const Ahead* ahead = nullptr)
      : application_(application),
        state_(state),
        ahead_(ahead),
        owner_(fullName(application)),
        inventory_(inventoryOf(application)) {}

  /// Answers what was compared: all but hooks.
  std::set<ObjectKey> compareEach(const manifests::RenderedSet& desired) {
    std::set<ObjectKey> compared;
    for (const Resource& resource : desired.resources) {
      if (!hookOf(resource.message()).empty()) continue;
      compared.insert(resource.key());
      compare(resource);
    }
    return compared;
  }

  void compare(const Resource& desired) {
    const ObjectKey key = desired.key();
    const auto fail = [&](const std::string& why) {
      result_.errors.push_back(
          absl::StrCat(desired.location().toString(), ": ", key.toString(), " ", why));
    };
    if (const std::string why = notToHold(key, owner_); !why.empty()) return fail(why);
    const std::shared_ptr<const Message> live = find(key);
    if (live == nullptr) {
      add(api::CREATE, key, nullptr, *merge(desired.message(), owner_, nullptr), desired.message());
      return;
    }
    // One that is going away is created anew when it is gone.
    if (manifests::metadataOf(*live).has_deletion_timestamp()) return;
    if (const std::string conflict = ownerConflict(*live, owner_, state_); !conflict.empty()) {
      return fail(conflict);
    }
    update(key, live, desired);
  }

  void remove(const ObjectKey& key) {
    const std::shared_ptr<const Message> live = find(key);
    // What was taken over by another Application, or let go, is no longer ours to delete.
    if (live == nullptr || ownerOf(*live) != owner_ || isProtected(*live)) return;
    if (manifests::metadataOf(*live).has_deletion_timestamp()) return;
    result_.changes.push_back(deletionOf(*live, "removed from Git"));
  }

  /// Once all is compared and removed.
  void takeAlong(const manifests::RenderedSet& desired) {
    addTakenAlong(application_, desired, state_, ahead_, result_);
  }

  /// What `desired` changes over `before` (null: it was not there), both from Git.
  void compareWith(const Resource* before, const Resource& desired) {
    if (before == nullptr) {
      add(api::CREATE, desired.key(), nullptr, *merge(desired.message(), owner_, nullptr),
          desired.message());
      return;
    }
    update(desired.key(), merge(before->message(), owner_, nullptr), desired);
  }

  void leaveOut(const Resource& resource) {
    api::PlannedChange change = makeChange(api::DELETE, resource.key());
    change.set_before_yaml(manifests::toYaml(resource.message()));
    change.set_before_hash(contentHash(resource.message(), &resource.message()));
    change.set_wave(waveOf(resource.message()));
    change.set_hook(hookOf(resource.message()));
    result_.changes.push_back(std::move(change));
  }

  ChangeSet finish() {
    std::ranges::stable_sort(result_.changes, {}, [](const api::PlannedChange& change) {
      const bool removal = change.action() == api::DELETE;
      const int order = kindOrder(change.kind());
      const int wave = change.wave();
      return std::tuple(removal, removal ? -wave : wave, removal ? -order : order,
                        change.namespace_(), change.name());
    });
    return std::move(result_);
  }

 private:
  void update(const ObjectKey& key, const std::shared_ptr<const Message>& live,
              const Resource& desired) {
    const std::shared_ptr<Message> after = merge(desired.message(), owner_, live.get());
    keepIgnored(application_, *live, *after);
    if (contentHash(*live, &desired.message()) == contentHash(*after, &desired.message())) return;
    std::vector<manifests::FieldChange> fields = manifests::diff(live.get(), after.get());
    if (fields.empty()) return;
    for (const manifests::Diagnostic& violation :
         manifests::validateUpdate(Resource(live), Resource(after, desired.location()))) {
      if (violation.severity == manifests::Diagnostic::Severity::kError) {
        result_.errors.push_back(violation.toString());
      }
    }
    api::PlannedChange& change = add(api::UPDATE, key, live.get(), *after, desired.message());
    for (manifests::FieldChange& field : fields) {
      api::FieldChange& shown = *change.add_fields();
      shown.set_path(std::move(field.path));
      if (field.before) shown.set_before(*std::move(field.before));
      if (field.after) shown.set_after(*std::move(field.after));
      shown.set_risk(field.risk);
    }
  }

  api::PlannedChange& add(api::ChangeAction action, const ObjectKey& key, const Message* before,
                          const Message& after, const Message& desired) {
    api::PlannedChange change = makeChange(action, key);
    if (before != nullptr) {
      change.set_before_yaml(manifests::toYaml(*before));
      change.set_before_hash(contentHash(*before, &desired));
    }
    change.set_after_yaml(manifests::toYaml(after));
    change.set_after_hash(contentHash(after, &desired));
    change.set_wave(waveOf(desired));
    change.set_hook(hookOf(desired));
    change.set_reason(reasonOf(key, change, inventory_));
    result_.changes.push_back(std::move(change));
    return result_.changes.back();
  }

  std::shared_ptr<const Message> find(const ObjectKey& key) const {
    return ahead_ == nullptr ? findObject(state_, key) : ahead_->find(state_, key);
  }

  const schema::Application& application_;
  const model::State& state_;
  const Ahead* ahead_;
  const std::string owner_;
  const Inventory inventory_;
  ChangeSet result_;
};

/// `planner` is one of `application`.
ChangeSet compareAll(Planner planner, const schema::Application& application,
                     const manifests::RenderedSet& desired) {
  const std::set<ObjectKey> wanted = planner.compareEach(desired);
  for (const schema::InventoryItem& item : application.status().inventory()) {
    if (!wanted.contains(keyOf(item))) planner.remove(keyOf(item));
  }
  planner.takeAlong(desired);
  return planner.finish();
}

}  // namespace

ChangeSet planChanges(const schema::Application& application, const manifests::RenderedSet& desired,
                      const model::State& state) {
  return compareAll(Planner(application, state), application, desired);
}

ChangeSet planChanges(const Ahead& ahead, const manifests::RenderedSet& desired,
                      const model::State& state) {
  return compareAll(Planner(ahead.application, state, &ahead), ahead.application, desired);
}

ChangeSet planRepairs(const schema::Application& application, const manifests::RenderedSet& applied,
                      const model::State& state) {
  Planner planner(application, state);
  planner.compareEach(applied);
  return planner.finish();
}

ChangeSet compareSets(const schema::Application& application, const manifests::RenderedSet& from,
                      const manifests::RenderedSet& to) {
  model::State nothing;
  Planner planner(application, nothing);
  std::map<ObjectKey, const Resource*> before;
  for (const Resource& resource : from.resources) before[resource.key()] = &resource;
  for (const Resource& resource : to.resources) {
    const auto found = before.find(resource.key());
    planner.compareWith(found == before.end() ? nullptr : found->second, resource);
    if (found != before.end()) before.erase(found);
  }
  for (const auto& [key, resource] : before) planner.leaveOut(*resource);
  ChangeSet changes = planner.finish();
  for (api::PlannedChange& change : changes.changes) change.clear_reason();
  return changes;
}

std::vector<schema::InventoryItem> inventoryAfter(const schema::Application& application,
                                                  const manifests::RenderedSet& desired,
                                                  const std::vector<api::PlannedChange>& changes,
                                                  const model::State& state,
                                                  const std::set<ObjectKey>& later) {
  const std::string owner = fullName(application);
  std::map<ObjectKey, std::string> put;
  std::set<ObjectKey> deleted;
  for (const api::PlannedChange& change : changes) {
    if (change.action() == api::DELETE) {
      deleted.insert(keyOfChange(change));
    } else {
      put[keyOfChange(change)] = change.after_hash();
    }
  }
  Inventory items = inventoryOf(application);
  std::erase_if(items, [&](const auto& item) {
    const std::shared_ptr<const Message> live = findObject(state, item.first);
    if (live == nullptr) return !later.contains(item.first);
    return ownerOf(*live) != owner || deleted.contains(item.first);
  });
  const Inventory before = inventoryOf(application);
  for (const Resource& resource : desired.resources) {
    const ObjectKey key = resource.key();
    if (!hookOf(resource.message()).empty() || later.contains(key)) continue;
    schema::InventoryItem& item = items[key];
    item.set_kind(key.kind);
    item.set_namespace_(key.ns);
    item.set_name(key.name);
    item.set_applied_hash(hashOf(resource, owner));
    // What no plan has shown nobody has let through: a field that is ignored, an object that goes.
    if (const auto shown = put.find(key); shown != put.end()) {
      item.set_approved_hash(shown->second == item.applied_hash() ? shown->second : "");
    } else if (const auto known = before.find(key); known != before.end()) {
      item.set_approved_hash(known->second.approved_hash());
    }
  }
  std::vector<schema::InventoryItem> inventory;
  for (auto& [key, item] : items) inventory.push_back(std::move(item));
  return inventory;
}

bool isRepair(const schema::Application& application, const manifests::RenderedSet& desired,
              const std::vector<api::PlannedChange>& changes) {
  const std::string owner = fullName(application);
  const Inventory inventory = inventoryOf(application);
  std::map<ObjectKey, const Resource*> wanted;
  for (const Resource& resource : desired.resources) wanted[resource.key()] = &resource;
  return std::ranges::all_of(changes, [&](const api::PlannedChange& change) {
    const auto resource = wanted.find(keyOfChange(change));
    const auto item = inventory.find(keyOfChange(change));
    return change.action() != api::DELETE && change.hook().empty() && resource != wanted.end() &&
           item != inventory.end() &&
           item->second.approved_hash() == hashOf(*resource->second, owner);
  });
}

int kindOrder(const std::string& kind) {
  const std::span<const manifests::Kind> kinds = manifests::allKinds();
  const auto found = std::ranges::find(
      kinds, kind, [](const manifests::Kind& entry) { return entry.info->kind(); });
  return static_cast<int>(found - kinds.begin());
}

}  // namespace gantry::delivery
