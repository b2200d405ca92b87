// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/deletions.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "controller/api/system_names.h"
#include "controller/delivery/merge.h"
#include "controller/delivery/settings.h"
#include "controller/delivery/waves.h"
#include "manifests/diff/diff.h"

namespace gantry::delivery {
namespace {

using manifests::ObjectKey;

/// How many are named; the rest is counted.
constexpr std::size_t kNamed = 3;

ObjectKey keyOf(const api::PlannedChange& change) {
  return {change.kind(), change.namespace_(), change.name()};
}

bool isGoing(const Message& object) {
  return manifests::metadataOf(object).has_deletion_timestamp();
}

/// Kept by another object: a Deployment's ReplicaSets, a Job's pods.
bool isPart(const Message& object) {
  return !manifests::metadataOf(object).owner_references().empty();
}

class TakenAlong {
 public:
  TakenAlong(const schema::Application& application, const manifests::RenderedSet& desired,
             const model::State& state, const Ahead* ahead, ChangeSet& planned)
      : owner_(fullName(application)),
        desired_(desired),
        state_(state),
        ahead_(ahead),
        planned_(planned) {
    for (const api::PlannedChange& change : planned.changes) {
      if (change.action() == api::DELETE) deleted_.insert(keyOf(change));
    }
  }

  // Applications first: what goes with them is not in the way of a Namespace.
  void run() {
    const std::size_t asked = planned_.changes.size();
    for (std::size_t i = 0; i < asked; ++i) takeInventory(i);
    for (std::size_t i = 0; i < planned_.changes.size(); ++i) takeContents(i);
  }

 private:
  bool deletes(std::size_t at, const char* kind) const {
    const api::PlannedChange& change = planned_.changes[at];
    return change.action() == api::DELETE && change.kind() == kind;
  }

  void takeInventory(std::size_t at) {
    if (!deletes(at, "Application")) return;
    const ObjectKey key = keyOf(planned_.changes[at]);
    const std::shared_ptr<const Message> live = find(key);
    const auto* child = dynamic_cast<const schema::Application*>(live.get());
    if (child == nullptr) return;
    const int all = child->status().inventory_size();
    int gone = 0;
    if (deletesItsObjects(*child)) {
      for (const schema::InventoryItem& item : child->status().inventory()) {
        const auto object = find({item.kind(), item.namespace_(), item.name()});
        if (object == nullptr || ownerOf(*object) != fullName(*child)) continue;
        if (!isProtected(*object)) gone += take(at, *object) ? 1 : 0;
      }
    }
    std::string& reason = *planned_.changes[at].mutable_reason();
    if (gone > 0) absl::StrAppend(&reason, ": ", gone, " of its ", all, " objects go with it");
    if (gone == 0) {
      absl::StrAppend(&reason, ": its ", all, " objects keep running and are no longer followed");
    }
  }

  void takeContents(std::size_t at) {
    if (!deletes(at, "Namespace")) return;
    const std::string ns = planned_.changes[at].name();
    if (ns == api::kSystemNamespace) {
      planned_.errors.push_back(absl::StrCat(
          "Namespace/", ns, " cannot be deleted: Gantry itself is in it; put it back into Git"));
      return;
    }
    std::map<ObjectKey, std::string> inTheWay;
    for (const manifests::Resource& resource : desired_.resources) {
      if (resource.key().ns == ns) inTheWay[resource.key()] = "still in Git";
    }
    int gone = 0;
    for (const std::shared_ptr<const Message>& object : contentsOf(ns)) {
      const ObjectKey key = manifests::keyOf(*object);
      if (deleted_.contains(key) || inTheWay.contains(key) || isOwnHook(*object)) continue;
      if (std::string why = whyItStays(*object); !why.empty()) {
        inTheWay[key] = std::move(why);
      } else if (take(at, *object)) {
        ++gone;
        takeInventory(planned_.changes.size() - 1);
      }
    }
    if (gone > 0) {
      absl::StrAppend(planned_.changes[at].mutable_reason(), ": ", gone,
                      " objects that Git does not name go with it");
    }
    if (!inTheWay.empty()) refuse(ns, inTheWay);
  }

  /// False if it goes already. In the same step as what takes it along, so that nothing is put back
  /// in between.
  bool take(std::size_t with, const Message& object) {
    if (isGoing(object) || !deleted_.insert(manifests::keyOf(object)).second) return false;
    const api::PlannedChange& taker = planned_.changes[with];
    const std::string place = taker.namespace_().empty() ? "" : taker.namespace_() + "/";
    api::PlannedChange change =
        deletionOf(object, absl::StrCat("goes with ", taker.kind(), " ", place, taker.name()));
    change.set_wave(taker.wave());
    planned_.changes.push_back(std::move(change));
    return true;
  }

  std::vector<std::shared_ptr<const Message>> contentsOf(const std::string& ns) const {
    std::set<ObjectKey> keys;
    for (const auto& object : objectsIn(ns, state_)) keys.insert(manifests::keyOf(*object));
    if (ahead_ != nullptr) {
      for (const auto& [key, object] : ahead_->objects) {
        if (key.ns == ns) keys.insert(key);
      }
    }
    std::vector<std::shared_ptr<const Message>> contents;
    for (const ObjectKey& key : keys) {
      const std::shared_ptr<const Message> object = find(key);
      if (object != nullptr && !isPart(*object) && !isGoing(*object)) contents.push_back(object);
    }
    return contents;
  }

  /// The Job of a hook, which goes by itself, of this Application or one that is deleted with it.
  bool isOwnHook(const Message& object) const {
    const std::string owner = ownerOf(object);
    return !hookOf(object).empty() && (owner == owner_ || isDeleted(owner));
  }

  std::string whyItStays(const Message& object) const {
    const std::string owner = ownerOf(object);
    if (!owner.empty() && owner != owner_ && find(applicationKey(owner)) != nullptr) {
      return absl::StrCat("of ", owner);
    }
    return isProtected(object) ? absl::StrCat(kPruneAnnotation, " is \"false\"") : std::string();
  }

  void refuse(const std::string& ns, const std::map<ObjectKey, std::string>& inTheWay) {
    std::vector<std::string> names;
    for (const auto& [key, why] : inTheWay) {
      if (names.size() == kNamed) break;
      names.push_back(absl::StrCat(key.toString(), " (", why, ")"));
    }
    const std::size_t more = inTheWay.size() - names.size();
    planned_.errors.push_back(
        absl::StrCat("Namespace/", ns, " cannot be deleted: it holds ", absl::StrJoin(names, ", "),
                     more > 0 ? absl::StrCat(" and ", more, " more") : "",
                     "; move or delete what it holds first, or put the Namespace back into Git"));
  }

  static ObjectKey applicationKey(const std::string& fullName) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(fullName, absl::MaxSplits('/', 1));
    return {"Application", parts.first, parts.second};
  }

  bool isDeleted(const std::string& owner) const {
    return deleted_.contains(applicationKey(owner));
  }

  std::shared_ptr<const Message> find(const ObjectKey& key) const {
    return ahead_ == nullptr ? findObject(state_, key) : ahead_->find(state_, key);
  }

  const std::string owner_;
  const manifests::RenderedSet& desired_;
  const model::State& state_;
  const Ahead* ahead_;
  ChangeSet& planned_;
  std::set<ObjectKey> deleted_;
};

}  // namespace

bool isProtected(const Message& object) {
  const auto& annotations = manifests::metadataOf(object).annotations();
  const auto found = annotations.find(kPruneAnnotation);
  return found != annotations.end() && found->second == "false";
}

api::PlannedChange deletionOf(const Message& live, std::string reason) {
  const ObjectKey key = manifests::keyOf(live);
  api::PlannedChange change;
  change.set_action(api::DELETE);
  change.set_kind(key.kind);
  change.set_namespace_(key.ns);
  change.set_name(key.name);
  change.set_before_yaml(manifests::toYaml(live));
  change.set_before_hash(contentHash(live, nullptr));
  change.set_wave(waveOf(live));
  change.set_reason(std::move(reason));
  return change;
}

void addTakenAlong(const schema::Application& application, const manifests::RenderedSet& desired,
                   const model::State& state, const Ahead* ahead, ChangeSet& planned) {
  TakenAlong(application, desired, state, ahead, planned).run();
}

std::string cameInto(const std::string& ns, const api::Plan& plan, const model::State& state) {
  std::set<ObjectKey> deleted;
  for (const api::PlannedChange& change : plan.changes()) {
    if (change.action() == api::DELETE) deleted.insert(keyOf(change));
  }
  for (const std::shared_ptr<const Message>& object : objectsIn(ns, state)) {
    const ObjectKey key = manifests::keyOf(*object);
    if (deleted.contains(key) || isPart(*object) || isGoing(*object)) continue;
    if (!hookOf(*object).empty()) continue;
    return key.toString();
  }
  return {};
}

}  // namespace gantry::delivery
