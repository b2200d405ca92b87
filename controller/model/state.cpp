// SPDX-License-Identifier: Apache-2.0
#include "controller/model/state.h"

#include "controller/model/object_traits.h"

namespace gantry::model {
namespace {

template <class T>
std::vector<Ptr<T>> lookUp(const std::map<std::string, std::set<Name>>& index,
                           const std::string& key, const Table<T>& table) {
  std::vector<Ptr<T>> found;
  const auto names = index.find(key);
  if (names == index.end()) return found;
  found.reserve(names->second.size());
  for (const Name& name : names->second) found.push_back(table.share(name));
  return found;
}

}  // namespace

std::vector<Ptr<Pod>> State::podsOwnedBy(const std::string& ownerUid) const {
  return lookUp(podsByOwner, ownerUid, pods);
}

std::vector<Ptr<Pod>> State::podsOnNode(const std::string& node) const {
  return lookUp(podsByNode, node, pods);
}

std::vector<Ptr<schema::ReplicaSet>> State::replicaSetsOwnedBy(const std::string& ownerUid) const {
  return lookUp(replicaSetsByOwner, ownerUid, replicaSets);
}

template <class T>
const char* kindName() {
  return ObjectTraits<T>::kKind;
}

template <class T>
Name nameOf(const T& object) {
  return ObjectTraits<T>::name(object);
}

template <class T>
Table<T>& State::mutableTable() {
  return this->*ObjectTraits<T>::kTable;
}

template <class T>
void Transaction::put(T object) {
  const Name name = nameOf(object);
  const std::int64_t version = state_.table<T>().version(name);
  writes_[{kindName<T>(), name}] = {std::make_shared<const T>(std::move(object)), false, version};
}

template <class T>
void Transaction::erase(const Name& name) {
  const std::int64_t version = state_.table<T>().version(name);
  if (version == 0) {
    writes_.erase({kindName<T>(), name});
  } else {
    writes_[{kindName<T>(), name}] = {state_.table<T>().share(name), true, version};
  }
}

#define GANTRY_INSTANTIATE(T)                  \
  template const char* kindName<T>();          \
  template Name nameOf<T>(const T&);           \
  template Table<T>& State::mutableTable<T>(); \
  template void Transaction::put<T>(T);        \
  template void Transaction::erase<T>(const Name&);
GANTRY_FOR_EACH_OBJECT(GANTRY_INSTANTIATE)
#undef GANTRY_INSTANTIATE

}  // namespace gantry::model
