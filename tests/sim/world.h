// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/loops/controller.h"
#include "controller/model/ledger.h"
#include "tests/sim/checkers/checker.h"
#include "tests/sim/checkers/delivery_checker.h"
#include "tests/sim/network.h"
#include "tests/sim/node.h"
#include "tests/sim/shop.h"
#include "tests/sim/store.h"
#include "tests/support/fake_git.h"

namespace gantry::sim {

/// A whole Gantry: the production controller and agents on a virtual clock, network, store,
/// runtimes and Git, with the checkers that look at every commit. What runs on top of it (faults,
/// people) is in files of its own.
class World {
 public:
  World(std::uint64_t seed, bool isPrinted);
  ~World();

  Clock& clock() { return clock_; }
  Network& network() { return network_; }
  SimStore& store() { return store_; }
  support::FakeGit& git() { return git_; }
  const View& view() const { return view_; }
  const std::vector<std::unique_ptr<SimNode>>& nodes() const { return nodes_; }
  DeliveryChecker& delivery() { return *delivery_; }

  /// Null while it is down.
  loops::Controller* controller() { return controller_.get(); }
  void startController();
  void killController();

  /// The state past the controller's doors, as a stranger with access to its memory would change
  /// it: nothing happens while the controller is down.
  void meddle(std::string_view what, const std::function<void(model::Transaction&)>& change);

  /// Lets time pass. False once a rule was broken.
  bool run(base::Duration time);

  /// The rule that was broken; empty: none.
  const std::string& broken() const { return broken_; }
  void fail(std::string what);

 private:
  void committed(const std::vector<store::Write>& batch);
  void print(const std::vector<Touched>& touched);
  void crash(const std::string& process);
  void checkRuntimes();

  Clock clock_;
  Network network_;
  SimStore store_;
  Process gitProcess_;
  support::FakeGit git_;
  Rendering rendering_;
  Process controllerProcess_;
  SimWorkers workers_;
  View view_;
  DeliveryChecker* delivery_ = nullptr;
  std::vector<std::unique_ptr<Checker>> checkers_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  /// How much of each runtime's log has been looked at.
  std::map<std::string, std::size_t> looked_;
  /// By pod uid: where it was ever bound to.
  std::map<std::string, std::string> boundTo_;
  std::unique_ptr<model::Ledger> ledger_;
  std::unique_ptr<loops::Controller> controller_;
  std::uint64_t fencingToken_ = 0;
  bool isStrangers_ = false;
  std::string broken_;
};

}  // namespace gantry::sim
