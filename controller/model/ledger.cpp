// SPDX-License-Identifier: Apache-2.0
#include "controller/model/ledger.h"

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status.h"
#include "controller/model/object_traits.h"

namespace gantry::model {
namespace {

std::string storeKey(std::string_view kind, const Name& name) {
  return absl::StrCat("/", std::string(kind), "/", name.ns, "/", name.name);
}

template <class T>
void reindex(std::map<std::string, std::set<Name>>& index, const T* before, const T* after,
             const Name& name, auto keyOf) {
  const std::string from = before ? keyOf(*before) : "";
  const std::string to = after ? keyOf(*after) : "";
  if (from == to) return;
  if (!from.empty()) {
    const auto entry = index.find(from);
    entry->second.erase(name);
    if (entry->second.empty()) index.erase(entry);
  }
  if (!to.empty()) index[to].insert(name);
}

std::string controllerUid(const schema::ObjectMeta& metadata) {
  for (const schema::OwnerReference& owner : metadata.owner_references()) {
    if (owner.controller()) return owner.uid();
  }
  return {};
}

template <class T>
void updateIndexes(State&, const T*, const T*, const Name&) {}

template <>
void updateIndexes<Pod>(State& state, const Pod* before, const Pod* after, const Name& name) {
  reindex(state.podsByOwner, before, after, name, [](const Pod& pod) { return pod.ownerUid; });
  reindex(state.podsByNode, before, after, name, [](const Pod& pod) { return pod.nodeName; });
}

template <>
void updateIndexes<schema::ReplicaSet>(State& state, const schema::ReplicaSet* before,
                                       const schema::ReplicaSet* after, const Name& name) {
  reindex(state.replicaSetsByOwner, before, after, name,
          [](const schema::ReplicaSet& set) { return controllerUid(set.metadata()); });
}

// A Pod read from the store shares its template with the Pods of the same owner read before it.
template <class T>
void shareParts(const State&, T&) {}

template <>
void shareParts<Pod>(const State& state, Pod& pod) {
  if (pod.ownerUid.empty()) return;
  const auto siblings = state.podsByOwner.find(pod.ownerUid);
  if (siblings == state.podsByOwner.end()) return;
  const Pod* sibling = state.pods.find(*siblings->second.begin());
  if (sibling->shape->SerializeAsString() == pod.shape->SerializeAsString()) {
    pod.shape = sibling->shape;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::open(store::Store& store) {
  std::unique_ptr<Ledger> ledger(new Ledger(store));
  GANTRY_RETURN_IF_ERROR(ledger->load().status());
  return ledger;
}

absl::StatusOr<bool> Ledger::load() {
  std::vector<Change> changes;
#define GANTRY_LOAD(T) GANTRY_RETURN_IF_ERROR(loadTable<T>(changes));
  GANTRY_FOR_EACH_OBJECT(GANTRY_LOAD)
#undef GANTRY_LOAD
  inDoubt_ = false;
  if (changes.empty()) return false;
  for (const Observer& observer : observers_) observer(changes);
  return true;
}

template <class T>
absl::Status Ledger::loadTable(std::vector<Change>& changes) {
  GANTRY_ASSIGN_OR_RETURN(const std::vector<store::Record> records,
                          store_.list(absl::StrCat("/", kindName<T>(), "/")));
  std::set<Name> gone;
  for (const auto& [name, entry] : state_.table<T>().entries()) gone.insert(name);
  for (const store::Record& record : records) {
    T object;
    if (!ObjectTraits<T>::decode(record.value, object)) {
      return absl::DataLossError(absl::StrCat("the record ", record.key, " cannot be read"));
    }
    const Name name = nameOf(object);
    gone.erase(name);
    if (state_.table<T>().version(name) == record.version) continue;
    shareParts(state_, object);
    changes.push_back({kindName<T>(), name, std::make_shared<const T>(std::move(object)), false});
    apply(changes.back(), record.version);
  }
  for (const Name& name : gone) {
    changes.push_back({kindName<T>(), name, state_.table<T>().share(name), true});
    apply(changes.back(), state_.revision);
  }
  return absl::OkStatus();
}

absl::Status Ledger::commit(Transaction transaction) {
  if (transaction.empty()) return absl::OkStatus();
  absl::Status status = write(std::move(transaction));
  const bool decided = status.ok() || absl::IsAborted(status);
  if (decided != storeStatus_.ok()) {
    if (decided) {
      base::logInfo("the store can be written again");
    } else {
      base::logError(absl::StrCat("no decision can be recorded: ", status.message()));
    }
  }
  storeStatus_ = decided ? absl::OkStatus() : status;
  return status;
}

absl::Status Ledger::write(Transaction transaction) {
  if (inDoubt_) {
    GANTRY_ASSIGN_OR_RETURN(const bool differed, load());
    if (differed) return absl::AbortedError("the store holds something else than was thought");
  }
  std::vector<store::Write> batch;
  std::vector<Change> changes;
  for (auto& [key, pending] : transaction.writes_) {
    const auto& [kind, name] = key;
    std::visit(
        [&]<class T>(const Ptr<T>& object) {
          std::optional<std::string> value;
          if (!pending.erased) value = ObjectTraits<T>::encode(*object);
          batch.push_back({storeKey(kind, name), std::move(value), pending.expectedVersion});
          changes.push_back({kindName<T>(), name, object, pending.erased});
        },
        pending.object);
  }
  const absl::StatusOr<std::int64_t> revision = store_.commit(batch);
  if (!revision.ok()) {
    // The store may hold what the memory does not: it was written but not acknowledged, or somebody
    // else wrote it.
    inDoubt_ = !absl::IsResourceExhausted(revision.status());
    return revision.status();
  }
  for (const Change& change : changes) apply(change, *revision);
  for (const Observer& observer : observers_) observer(changes);
  return absl::OkStatus();
}

void Ledger::apply(const Change& change, std::int64_t version) {
  std::visit(
      [&]<class T>(const Ptr<T>& object) {
        auto& entries = state_.mutableTable<T>().entries_;
        const T* before = state_.table<T>().find(change.name);
        updateIndexes<T>(state_, before, change.erased ? nullptr : object.get(), change.name);
        if (change.erased) {
          entries.erase(change.name);
        } else {
          entries[change.name] = {object, version};
        }
      },
      change.object);
  state_.revision = std::max(state_.revision, version);
}

}  // namespace gantry::model
