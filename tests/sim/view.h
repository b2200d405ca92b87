// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "controller/model/state.h"
#include "controller/store/store.h"

namespace gantry::sim {

template <class T>
using Table = std::map<model::Name, std::shared_ptr<const T>>;

/// One object that a commit has written; null where it did not, or does not any more, exist.
struct Touched {
  std::string kind;
  model::Name name;
  model::AnyObject before;
  model::AnyObject after;

  template <class T>
  static const T* in(const model::AnyObject& object) {
    const auto* held = std::get_if<std::shared_ptr<const T>>(&object);
    return held == nullptr ? nullptr : held->get();
  }
};

/// What the store holds, read from what was written to it: what the checkers believe, whatever the
/// controller has in memory.
class View {
 public:
  /// Takes over a batch and answers what it changed. Events, endpoints and history are left out:
  /// nothing is decided by them.
  std::vector<Touched> apply(const std::vector<store::Write>& batch);

  template <class T>
  const Table<T>& table() const {
    return std::get<Table<T>>(tables_);
  }
  template <class T>
  const T* find(const model::Name& name) const {
    const auto found = table<T>().find(name);
    return found == table<T>().end() ? nullptr : found->second.get();
  }

 private:
  std::tuple<Table<schema::Namespace>, Table<schema::ConfigMap>, Table<schema::Secret>,
             Table<model::Pod>, Table<schema::ReplicaSet>, Table<schema::Deployment>,
             Table<schema::Job>, Table<schema::Service>, Table<schema::PodDisruptionBudget>,
             Table<schema::Application>, Table<schema::Node>, Table<api::Plan>, Table<api::Hold>,
             Table<schema::Project>>
      tables_;
};

}  // namespace gantry::sim
