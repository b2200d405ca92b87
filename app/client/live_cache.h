// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "controller/api/watch.pb.h"

namespace gantry::client {

/// Kinds are told apart by the case of api::Object that carries them.
using Kind = api::Object::ObjectCase;

/// Names one object of a kind; cluster-scoped ones have no namespace.
struct Key {
  std::string ns;
  std::string name;
  auto operator<=>(const Key&) const = default;
};

/// An object as received: never changed, shared by cache, models and pages.
using ObjectPtr = std::shared_ptr<const api::Object>;
using Table = std::map<Key, ObjectPtr>;

/// The kind that ObjectRef.kind names ("Pod"); OBJECT_NOT_SET for a word that names none.
Kind kindOf(const std::string& name);

/// "Pod", as in YAML and in ObjectRef; empty for OBJECT_NOT_SET.
const std::string& kindName(Kind kind);

/// Where an object belongs.
Key keyOf(const api::Object& object);

/// Which rows of one kind differ after a batch. A key is in one list only; all are in order.
struct Changes {
  Kind kind = Kind::OBJECT_NOT_SET;
  std::vector<Key> removed;
  std::vector<Key> added;
  std::vector<Key> changed;
};

/// Part of a watch, merged: the last state of each object that changed.
struct Batch {
  /// A snapshot begins: what it does not name by its end is gone.
  bool snapshotBegin = false;
  bool snapshotDone = false;
  std::map<std::pair<Kind, Key>, ObjectPtr> objects;  ///< Null: deleted.
  std::uint64_t revision = 0;
};

/// The last known state of a control plane, and who wants to know what differs. It is never
/// emptied: while a link is lost the last snapshot stays, and a new snapshot only takes effect as
/// the difference to it. One thread.
class LiveCache {
 public:
  using Observer = std::function<void(const Changes&)>;

  /// Ends its subscription when destroyed. May outlive the cache.
  using Subscription = std::shared_ptr<void>;

  /// All objects of a kind, ordered by namespace and name. Valid until the next apply.
  const Table& table(Kind kind) const;

  /// Null if there is none.
  ObjectPtr find(Kind kind, const Key& key) const;

  /// Takes a batch in, then tells the observers of each kind once. An object that a snapshot
  /// repeats at the version that is here already does not count as changed.
  void apply(const Batch& batch);

  /// Calls `observer` after each batch that touched `kind`. An observer may read the cache, and
  /// must neither apply nor subscribe.
  [[nodiscard]] Subscription observe(Kind kind, Observer observer);

  /// Revision of the control plane's state that is shown; 0 before the first.
  std::uint64_t revision() const { return revision_; }

  /// Whether a snapshot has ever been complete: before that, missing rows mean nothing.
  bool hasSnapshot() const { return hasSnapshot_; }

  /// How much of a running snapshot is in, 0 to 100, guessed from what was here before; 100 when
  /// none is running.
  int snapshotProgress() const;

 private:
  struct Pending {
    std::set<Key> removed, added, changed;
  };
  void put(const std::pair<Kind, Key>& id, ObjectPtr object, Pending& pending);
  void erase(const std::pair<Kind, Key>& id, Pending& pending);
  void finishSnapshot(std::map<Kind, Pending>& pending);

  std::map<Kind, Table> tables_;
  std::map<Kind, std::vector<std::weak_ptr<Observer>>> observers_;
  /// While a snapshot runs: what it has not named yet.
  std::set<std::pair<Kind, Key>> unseen_;
  std::size_t unseenAtBegin_ = 0;
  bool inSnapshot_ = false;
  bool hasSnapshot_ = false;
  std::uint64_t revision_ = 0;
};

}  // namespace gantry::client
