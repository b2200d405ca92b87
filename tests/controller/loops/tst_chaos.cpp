// SPDX-License-Identifier: Apache-2.0
// Everything that can happen to a cluster, in random order: the rules hold at every commit, and
// once the trouble is over, what is wanted runs, once.
#include <QTest>
#include <random>

#include "tests/controller/loops/cluster.h"

using namespace gantry;
using std::chrono::seconds;
using tests::Cluster;

namespace {

constexpr int kNodes = 4;

class Trouble {
 public:
  Trouble(Cluster& cluster, int seed) : cluster_(cluster), random_(seed) {}

  void step() {
    const std::string node = "node-" + std::to_string(1 + random_() % kNodes);
    const int kind = random_() % 12;
    if (kind == 0) cluster_.agents.setPower(node, false);
    if (kind == 1) cluster_.agents.setPower(node, true);
    if (kind == 2) cluster_.agents.setReachable(node, random_() % 2);
    if (kind == 3) cluster_.agents.redial(node);
    if (kind == 4) restartController();
    if (kind == 5) cluster_.disk.isFull = random_() % 2;
    if (kind == 6) ask(node, &loops::Controller::drain);
    if (kind == 7) ask(node, &loops::Controller::uncordon);
    if (kind >= 8 && !cluster_.disk.isFull) deploy();
    cluster_.run(base::Duration(random_() % 8'000));
  }

  void end() {
    cluster_.disk.isFull = false;
    for (int i = 1; i <= kNodes; ++i) {
      const std::string node = "node-" + std::to_string(i);
      if (!cluster_.agents.node(node).isOn) cluster_.agents.setPower(node, true);
      cluster_.agents.setReachable(node, true);
      cluster_.run(seconds(1));
      ask(node, &loops::Controller::uncordon);
    }
  }

  int replicas(const std::string& name) const { return replicas_.at(name); }

 private:
  void restartController() {
    cluster_.killController();
    cluster_.run(base::Duration(random_() % 20'000));
    cluster_.startController();
  }

  void ask(const std::string& node,
           absl::StatusOr<api::NodeResponse> (loops::Controller::*what)(const delivery::Caller&,
                                                                        const api::NodeRequest&)) {
    api::NodeRequest request;
    request.set_node(node);
    // May be refused: the disk is full, or the node is not cordoned.
    (void)((*cluster_.controller).*what)({"ana"}, request);
  }

  void deploy() {
    const std::string name = random_() % 2 ? "front" : "back";
    replicas_[name] = static_cast<int>(random_() % 6);
    const std::string image = name + ":" + std::to_string(random_() % 3);
    cluster_.deploy(name, replicas_[name], image, [this](schema::Deployment& deployment) {
      auto& rolling = *deployment.mutable_spec()->mutable_strategy()->mutable_rolling_update();
      rolling.mutable_max_surge()->set_number(static_cast<int>(random_() % 3));
      rolling.mutable_max_unavailable()->set_number(static_cast<int>(random_() % 2));
    });
  }

  Cluster& cluster_;
  std::mt19937 random_;
  std::map<std::string, int> replicas_{{"front", 0}, {"back", 0}};
};

}  // namespace

class TstChaos : public QObject {
  Q_OBJECT

 private slots:
  void whatIsWantedRunsOnceInTheEnd_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 60; ++seed) QTest::addRow("seed %d", seed) << seed;
  }
  void whatIsWantedRunsOnceInTheEnd() {
    QFETCH(int, seed);
    Cluster cluster(kNodes, seed);
    cluster.deploy("front", 0, "front:0");
    cluster.deploy("back", 0, "back:0");
    Trouble trouble(cluster, seed);
    for (int i = 0; i < 40; ++i) trouble.step();
    trouble.end();
    const auto isSettled = [&] {
      for (const char* name : {"front", "back"}) {
        if (!cluster.isComplete(name)) return false;
        if (int(cluster.pods(name).size()) != trouble.replicas(name)) return false;
        if (cluster.readyPods(name) != trouble.replicas(name)) return false;
      }
      return true;
    };
    QVERIFY(cluster.runUntil(isSettled, seconds(300)));
    cluster.run(seconds(5));
    std::map<std::string, std::string> running;
    for (const auto& [name, node] : cluster.agents.nodes()) {
      for (const auto& [uid, pod] : node.pods) {
        QVERIFY2(running.emplace(uid, name).second, "runs twice");
      }
    }
    std::map<std::string, std::string> wanted;
    for (const auto& pod : cluster.pods()) wanted[pod->uid] = pod->nodeName;
    QCOMPARE(running, wanted);
    QVERIFY2(cluster.broken.empty(), cluster.broken.empty() ? "" : cluster.broken.front().c_str());
    QCOMPARE(cluster.agents.brokenDiffs(), 0);
  }
};

QTEST_GUILESS_MAIN(TstChaos)
#include "tst_chaos.moc"
