// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "controller/api/agent.pb.h"
#include "controller/model/state.h"

namespace gantry::loops {

/// What one node needs, and what its agent has been told of it. Whoever follows the ledger notes
/// what may have changed; the difference is made from that alone. Controller's thread.
class NodeWants {
 public:
  /// For an agent that has been told nothing.
  NodeWants(const model::State& state, std::string node) : state_(state), node_(std::move(node)) {}

  /// Everything, as it is now; called once, differences start from here. Settings of the cluster
  /// and the sequence number are left to the caller.
  api::WantedSet everything();

  void notePod(const model::Name& name) { pods_.insert(name); }
  /// ConfigMaps and Secrets that no pod here names are of no interest.
  void noteConfigMap(const model::Name& name) { configMaps_.note(name); }
  void noteSecret(const model::Name& name) { secrets_.note(name); }
  void noteService(const model::Name& name) { services_.insert(name); }
  bool hasNotes() const;

  /// What the agent has not been told yet; nothing if that is nothing. Takes the notes.
  std::optional<api::WantedDiff> takeDiff();

 private:
  /// A pod as the agent knows it.
  struct Told {
    std::string uid;
    bool stop = false;
    std::set<model::Name> configMaps;
    std::set<model::Name> secrets;
  };

  /// Objects of one kind that pods name.
  struct Named {
    std::map<model::Name, int> uses;
    std::map<model::Name, std::int64_t> told;
    std::set<model::Name> notes;

    void note(const model::Name& name) {
      if (uses.contains(name)) notes.insert(name);
    }
    void use(const std::set<model::Name>& names);
    void unuse(const std::set<model::Name>& names);
    /// Calls put(object) or drop(name) for each noted one that is not as told.
    template <class T>
    void take(const model::Table<T>& table, const auto& put, const auto& drop);
  };

  void takePod(const model::Name& name, api::WantedDiff& diff);
  void tell(const model::Pod& pod, api::WantedDiff& diff);
  void takeService(const model::Name& name, api::WantedDiff& diff);

  const model::State& state_;
  std::string node_;
  std::map<model::Name, Told> toldPods_;
  Named configMaps_;
  Named secrets_;
  std::map<model::Name, std::int64_t> toldServices_;
  std::set<model::Name> pods_;
  std::set<model::Name> services_;
};

}  // namespace gantry::loops
