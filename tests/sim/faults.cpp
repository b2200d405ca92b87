// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/faults.h"

#include "absl/strings/str_cat.h"

namespace gantry::sim {
namespace {

using base::Duration;

}  // namespace

Faults::Faults(World& world) : world_(world), clock_(world.clock()) {}

void Faults::begin() {
  // Some runs have fair weather, so that all else is seen without it.
  if (clock_.oneIn(5)) return;
  world_.network().oneLossIn = clock_.oneIn(2) ? 0 : 20 + clock_.pick(300);
  world_.network().slowest = Duration(clock_.oneIn(2) ? 30 : 1'500);
  world_.store().oneFaultIn = clock_.oneIn(2) ? 0 : 30 + clock_.pick(200);
  world_.git().setDelay(Duration(10), Duration(clock_.oneIn(2) ? 50 : 3'000));
  for (const auto& node : world_.nodes()) {
    node->oneCrashIn = clock_.oneIn(2) ? 0 : 20 + clock_.pick(100);
    node->oneProbeFailureIn = clock_.oneIn(2) ? 0 : 4 + clock_.pick(30);
    node->oneLostHintIn = clock_.oneIn(2) ? 0 : 2;
  }
}

SimNode& Faults::anyNode() {
  const auto& nodes = world_.nodes();
  return *nodes.at(static_cast<std::size_t>(clock_.pick(static_cast<int>(nodes.size()))));
}

void Faults::mendLater(std::function<void()> mend) {
  clock_.after(clock_.between(Duration(500), Duration(30'000)), std::move(mend));
}

void Faults::strike() {
  switch (clock_.pick(9)) {
    case 0:
      world_.killController();
      clock_.after(clock_.between(Duration(100), Duration(20'000)),
                   [this] { world_.startController(); });
      break;
    case 1:
      clock_.note("store", "the disk is full");
      world_.store().isFull = true;
      mendLater([this] { world_.store().isFull = false; });
      break;
    case 2:
      strikeGit();
      break;
    case 3:
    case 4:
      strikeContainer();
      break;
    default:
      strikeNode();
  }
}

void Faults::strikeNode() {
  SimNode& node = anyNode();
  switch (clock_.pick(6)) {
    case 0:
      node.killAgent();
      mendLater([&node] { node.startAgent(); });
      break;
    case 1:
      node.powerOff();
      mendLater([&node] { node.powerOn(); });
      break;
    case 2:
    case 3:
      clock_.note(node.name(), "is cut off");
      world_.network().setReachable(node.name(), false);
      mendLater([this, &node] {
        clock_.note(node.name(), "is reachable again");
        world_.network().setReachable(node.name(), true);
      });
      break;
    case 4:
      world_.network().breakStreams(node.name());
      break;
    default:
      clock_.note(node.name(), "the runtime does not answer");
      node.runtime().down = true;
      mendLater([&node] { node.runtime().down = false; });
  }
}

void Faults::strikeContainer() {
  SimNode& node = anyNode();
  support::FakeRuntime& runtime = node.runtime();
  const int kind = clock_.pick(5);
  if (kind == 0) runtime.loseAnswers = 1 + clock_.pick(3);
  if (kind == 1) {
    const char* const calls[] = {"runSandbox", "create", "start"};
    runtime.failNext[calls[clock_.pick(3)]] = 1;
  }
  if (kind < 2 || runtime.containers().empty()) return;
  const auto index =
      static_cast<std::size_t>(clock_.pick(static_cast<int>(runtime.containers().size())));
  const std::string uid = runtime.containers().at(index).podUid;
  const std::string name = runtime.containers().at(index).name;
  clock_.note(node.name(), absl::StrCat("a container of pod ", uid,
                                        kind == 2   ? " ends"
                                        : kind == 3 ? " loses its sandbox"
                                                    : " is removed"));
  if (kind == 2) runtime.crash(uid, name, 1);
  if (kind == 3) runtime.loseSandbox(uid);
  if (kind == 4) runtime.removeFromOutside(uid, name);
}

void Faults::strikeGit() {
  support::FakeGit& git = world_.git();
  const int kind = clock_.pick(4);
  clock_.note("git", absl::StrCat("fault ", kind));
  if (kind == 0) {
    git.setUnreachable(kUrl, true);
    mendLater([&git] { git.setUnreachable(kUrl, false); });
  }
  if (kind == 1) git.failNextRevert(absl::DeadlineExceededError("no answer"), clock_.oneIn(2));
  if (kind == 2) git.loseClone(kUrl);
  if (kind == 3) {
    git.beforeNextRevert([this, &git] {
      clock_.note("git", "somebody pushes in between");
      git.commit(kUrl, kBranch,
                 {{"production/between.yaml",
                   "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: between\n"}},
                 "in between");
    });
  }
}

void Faults::end() {
  clock_.note("faults", "end");
  world_.network().heal();
  world_.store().isFull = false;
  world_.store().oneFaultIn = 0;
  world_.git().setDelay(Duration(10), Duration(50));
  world_.git().setUnreachable(kUrl, false);
  world_.git().beforeNextRevert(nullptr);
  for (const auto& node : world_.nodes()) {
    node->oneCrashIn = 0;
    node->oneProbeFailureIn = 0;
    node->oneLostHintIn = 0;
    node->runtime().down = false;
    node->runtime().loseAnswers = 0;
    node->runtime().failNext.clear();
    node->powerOn();
    node->startAgent();
  }
  world_.startController();
}

}  // namespace gantry::sim
