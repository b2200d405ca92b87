// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/objects.h"

#include <algorithm>
#include <type_traits>

#include "absl/strings/str_split.h"
#include "base/check.h"
#include "controller/delivery/merge.h"
#include "controller/model/deletion.h"

namespace gantry::delivery {
namespace {

/// Calls `use` with every type that Git may hold.
template <class Use>
void eachType(const Use& use) {
  use(std::type_identity<schema::Namespace>());
  use(std::type_identity<schema::ConfigMap>());
  use(std::type_identity<schema::Secret>());
  use(std::type_identity<schema::Service>());
  use(std::type_identity<model::Pod>());
  use(std::type_identity<schema::ReplicaSet>());
  use(std::type_identity<schema::Deployment>());
  use(std::type_identity<schema::Project>());
  use(std::type_identity<schema::Job>());
  use(std::type_identity<schema::PodDisruptionBudget>());
  use(std::type_identity<schema::Application>());
}

/// Calls `use` with the type that `kind` names; false if Git may not hold such.
template <class Use>
bool withType(const std::string& kind, const Use& use) {
  bool known = false;
  eachType([&]<class T>(std::type_identity<T> type) {
    if (known || kind != model::kindName<T>()) return;
    known = true;
    use(type);
  });
  return known;
}

template <class T>
std::shared_ptr<const Message> asMessage(const model::Ptr<T>& object) {
  if constexpr (std::is_same_v<T, model::Pod>) {
    return std::make_shared<const schema::Pod>(model::toSchema(*object));
  } else {
    return object;
  }
}

}  // namespace

std::shared_ptr<const Message> findObject(const model::State& state,
                                          const manifests::ObjectKey& key) {
  std::shared_ptr<const Message> found;
  withType(key.kind, [&]<class T>(std::type_identity<T>) {
    const model::Ptr<T> object = state.table<T>().share({key.ns, key.name});
    if (object != nullptr) found = asMessage(object);
  });
  return found;
}

std::vector<std::shared_ptr<const Message>> objectsIn(const std::string& ns,
                                                      const model::State& state) {
  std::vector<std::shared_ptr<const Message>> found;
  eachType([&]<class T>(std::type_identity<T>) {
    for (const model::Ptr<T>& object : state.table<T>().inNamespace(ns)) {
      found.push_back(asMessage(object));
    }
  });
  return found;
}

void putObject(model::Transaction& transaction, const Message& object) {
  const bool known = withType(object.GetDescriptor()->name(), [&]<class T>(std::type_identity<T>) {
    if constexpr (std::is_same_v<T, model::Pod>) {
      transaction.put(model::fromSchema(dynamic_cast<const schema::Pod&>(object)));
    } else {
      transaction.put(dynamic_cast<const T&>(object));
    }
  });
  GANTRY_CHECK(known);
}

void eraseObject(model::Transaction& transaction, const model::State& state,
                 const manifests::ObjectKey& key, const std::string& reason, base::Timestamp now) {
  // What is not there is deleted already.
  model::beginDeletion(transaction, state, key.kind, {key.ns, key.name}, reason, now).IgnoreError();
}

bool isInInventory(const model::State& state, const Message& object) {
  const std::pair<std::string, std::string> owner =
      absl::StrSplit(ownerOf(object), absl::MaxSplits('/', 1));
  const schema::Application* application = state.applications.find({owner.first, owner.second});
  if (application == nullptr) return false;
  const manifests::ObjectKey key = manifests::keyOf(object);
  return std::ranges::any_of(
      application->status().inventory(), [&](const schema::InventoryItem& item) {
        return manifests::ObjectKey{item.kind(), item.namespace_(), item.name()} == key;
      });
}

}  // namespace gantry::delivery
