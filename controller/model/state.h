// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "controller/api/records.pb.h"
#include "controller/model/pod.h"
#include "manifests/schema/apps.pb.h"
#include "manifests/schema/batch.pb.h"
#include "manifests/schema/core.pb.h"
#include "manifests/schema/gantry.pb.h"
#include "manifests/schema/policy.pb.h"

namespace gantry::model {

/// Names one object of a table: namespace (empty if cluster-scoped), then name.
struct Name {
  std::string ns;
  std::string name;
  auto operator<=>(const Name&) const = default;
};

template <class T>
using Ptr = std::shared_ptr<const T>;

/// Any object of the state. The order is that of ObjectTraits in state.cpp, and of nothing else.
using AnyObject =
    std::variant<Ptr<schema::Namespace>, Ptr<schema::ConfigMap>, Ptr<schema::Secret>, Ptr<Pod>,
                 Ptr<schema::ReplicaSet>, Ptr<schema::Deployment>, Ptr<schema::Job>,
                 Ptr<schema::Service>, Ptr<schema::Application>, Ptr<schema::Node>,
                 Ptr<schema::Event>, Ptr<api::Plan>, Ptr<api::HistoryEntry>, Ptr<api::Hold>,
                 Ptr<api::Endpoints>, Ptr<schema::Project>, Ptr<api::AuditRecord>,
                 Ptr<schema::PodDisruptionBudget>>;

/// What an object of type T is called: in ObjectRef, in keys of the store, in messages.
template <class T>
const char* kindName();

/// Where an object belongs.
template <class T>
Name nameOf(const T& object);

/// All objects of one type, ordered by name, so that every walk gives the same order.
template <class T>
class Table {
 public:
  struct Entry {
    Ptr<T> object;
    /// Store revision of the last write.
    std::int64_t version = 0;
  };
  using Map = std::map<Name, Entry>;

  /// Null if there is none. Valid until the next commit; hold a Ptr (share) for longer.
  const T* find(const Name& name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second.object.get();
  }
  Ptr<T> share(const Name& name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second.object;
  }
  std::int64_t version(const Name& name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? 0 : found->second.version;
  }
  const Map& entries() const { return entries_; }
  std::size_t size() const { return entries_.size(); }

  /// The entries of one namespace.
  std::vector<Ptr<T>> inNamespace(const std::string& ns) const {
    std::vector<Ptr<T>> found;
    for (auto it = entries_.lower_bound({ns, ""}); it != entries_.end() && it->first.ns == ns;
         ++it) {
      found.push_back(it->second.object);
    }
    return found;
  }

 private:
  friend class Ledger;
  Map entries_;
};

/// Everything the controller knows, in memory. Read by anything on the controller's thread; changed
/// by Ledger::commit only.
struct State {
  Table<schema::Namespace> namespaces;
  Table<schema::ConfigMap> configMaps;
  Table<schema::Secret> secrets;
  Table<Pod> pods;
  Table<schema::ReplicaSet> replicaSets;
  Table<schema::Deployment> deployments;
  Table<schema::Job> jobs;
  Table<schema::Service> services;
  Table<schema::Application> applications;
  Table<schema::Node> nodes;
  Table<schema::Event> events;
  Table<api::Plan> plans;
  Table<api::HistoryEntry> history;
  Table<api::Hold> holds;
  Table<api::Endpoints> endpoints;
  Table<schema::Project> projects;
  Table<api::AuditRecord> audit;
  Table<schema::PodDisruptionBudget> disruptionBudgets;

  /// Pods by the uid of their owner and by node, kept by commit.
  std::map<std::string, std::set<Name>> podsByOwner;
  std::map<std::string, std::set<Name>> podsByNode;
  /// ReplicaSets by the uid of their Deployment.
  std::map<std::string, std::set<Name>> replicaSetsByOwner;

  /// Of the last commit.
  std::int64_t revision = 0;

  std::vector<Ptr<Pod>> podsOwnedBy(const std::string& ownerUid) const;
  std::vector<Ptr<Pod>> podsOnNode(const std::string& node) const;
  std::vector<Ptr<schema::ReplicaSet>> replicaSetsOwnedBy(const std::string& ownerUid) const;

  template <class T>
  const Table<T>& table() const {
    return const_cast<State*>(this)->mutableTable<T>();
  }

 private:
  friend class Ledger;
  template <class T>
  Table<T>& mutableTable();
};

/// One object put or erased by a commit.
struct Change {
  /// kindName of the type.
  const char* kind;
  Name name;
  /// What it is now; what it was, if it was erased.
  AnyObject object;
  bool erased = false;

  /// The object, if it is a `T`; else null.
  template <class T>
  const T* as() const {
    const auto* held = std::get_if<Ptr<T>>(&object);
    return held == nullptr ? nullptr : held->get();
  }
};

/// A decision: what to put and erase, all or nothing, at the versions it was made from. Collects;
/// has no effect before Ledger::commit. The last write to a name wins.
class Transaction {
 public:
  explicit Transaction(const State& state) : state_(state) {}

  /// Creates or replaces.
  template <class T>
  void put(T object);

  /// Erases; nothing happens if it is not there.
  template <class T>
  void erase(const Name& name);

  bool empty() const { return writes_.empty(); }

 private:
  friend class Ledger;
  struct Pending {
    AnyObject object;
    bool erased = false;
    std::int64_t expectedVersion = 0;
  };
  const State& state_;
  /// By (kind, name), so that the order of writes is the same in every run.
  std::map<std::pair<std::string, Name>, Pending> writes_;
};

}  // namespace gantry::model
