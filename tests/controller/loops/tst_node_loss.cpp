// SPDX-License-Identifier: Apache-2.0
// Nodes that go, come back, are drained, and controllers that are restarted.
#include <QTest>

#include "tests/controller/loops/cluster.h"

using namespace gantry;
using std::chrono::seconds;
using tests::Cluster;

namespace {

const delivery::Caller kAna{"ana"};

api::NodeRequest request(const std::string& node) {
  api::NodeRequest request;
  request.set_node(node);
  request.set_reason("maintenance");
  return request;
}

QString firstBroken(const Cluster& cluster) {
  return cluster.broken.empty() ? QString("") : QString::fromStdString(cluster.broken.front());
}

int activeOn(const Cluster& cluster, const std::string& node) {
  int active = 0;
  for (const auto& pod : cluster.state().podsOnNode(node)) active += model::isActive(*pod);
  return active;
}

/// So many pods of "front" must stay.
schema::PodDisruptionBudget disruptionBudget(int minAvailable) {
  schema::PodDisruptionBudget budget;
  budget.mutable_metadata()->set_namespace_("shop");
  budget.mutable_metadata()->set_name("front");
  budget.mutable_spec()->mutable_min_available()->set_number(minAvailable);
  (*budget.mutable_spec()->mutable_selector()->mutable_match_labels())["app"] = "front";
  return budget;
}

bool wasSaid(const Cluster& cluster, const std::string& reason, const std::string& message) {
  for (const auto& [name, entry] : cluster.state().events.entries()) {
    if (entry.object->reason() == reason && entry.object->message() == message) return true;
  }
  return false;
}

}  // namespace

class TstNodeLoss : public QObject {
  Q_OBJECT

 private slots:
  void aNodeIsRegisteredOnceAndKeepsItsRange() {
    Cluster cluster(2);
    const schema::Node first = *cluster.state().nodes.find({"", "node-1"});
    const schema::Node second = *cluster.state().nodes.find({"", "node-2"});
    QCOMPARE(first.spec().pod_cidr(), "10.244.0.0/24");
    QCOMPARE(second.spec().pod_cidr(), "10.244.1.0/24");
    QCOMPARE(first.metadata().labels().at("kubernetes.io/hostname"), "node-1");
    QVERIFY(cluster.nodeIs("node-1", "True"));
    cluster.agents.redial("node-1");
    cluster.run(seconds(1));
    const schema::Node& again = *cluster.state().nodes.find({"", "node-1"});
    QCOMPARE(again.spec().pod_cidr(), first.spec().pod_cidr());
    QCOMPARE(again.metadata().uid(), first.metadata().uid());
  }

  void aNodeWhoseHelloCouldNotBeRecordedIsReadyAgainWithTheDisk() {
    Cluster cluster(1);
    cluster.agents.setReachable("node-1", false);
    QVERIFY(cluster.runUntil([&] { return cluster.nodeIs("node-1", "Unknown"); }));
    cluster.killController();
    cluster.disk.isFull = true;
    cluster.startController();
    cluster.agents.setReachable("node-1", true);
    cluster.run(seconds(5));
    QVERIFY(cluster.agents.node("node-1").session != 0);
    const auto session = cluster.agents.node("node-1").session;
    cluster.disk.isFull = false;
    QVERIFY(cluster.runUntil([&] { return cluster.nodeIs("node-1", "True"); }));
    QCOMPARE(cluster.agents.node("node-1").session, session);
  }

  void heartbeatsAreNotWritten() {
    Cluster cluster(3);
    cluster.run(seconds(60));
    const auto revision = cluster.state().revision;
    cluster.run(seconds(60));
    QCOMPARE(cluster.state().revision, revision);
  }

  void theLossOfANodeIsNoticedWithinItsLeaseAndItsPodsAreReplaced() {
    Cluster cluster(3);
    cluster.deploy("front", 3, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    cluster.agents.setPower("node-2", false);
    cluster.run(seconds(9));
    QCOMPARE(cluster.readyPods("front"), 3);
    QVERIFY(cluster.runUntil([&] { return cluster.nodeIs("node-2", "Unknown"); }, seconds(4)));
    QCOMPARE(cluster.readyPods("front"), 2);
    cluster.run(seconds(55));
    QCOMPARE(activeOn(cluster, "node-2"), 1);
    QVERIFY(cluster.runUntil([&] { return cluster.readyPods("front") == 3; }, seconds(15)));
    QCOMPARE(activeOn(cluster, "node-2"), 0);
    QCOMPARE(cluster.state().podsOnNode("node-2").size(), 1u);
    QVERIFY(cluster.hasEvent("NodeLost"));
    // It comes back empty: what was told to go is gone.
    cluster.agents.setPower("node-2", true);
    QVERIFY(cluster.runUntil([&] { return cluster.state().podsOnNode("node-2").empty(); },
                             seconds(10)));
    QVERIFY(cluster.nodeIs("node-2", "True"));
    QCOMPARE(cluster.pods("front").size(), 3u);
  }

  void aShortSilenceRestartsNothing() {
    Cluster cluster(2);
    cluster.deploy("front", 4, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    cluster.agents.setReachable("node-1", false);
    cluster.run(seconds(30));
    QVERIFY(cluster.nodeIs("node-1", "Unknown"));
    QCOMPARE(cluster.readyPods("front"), 2);
    cluster.agents.setReachable("node-1", true);
    // The agent does not know that its session is gone.
    QVERIFY2(cluster.runUntil([&] { return cluster.readyPods("front") == 4; }, seconds(10)),
             "readiness is taken back when the agent is heard again");
    QCOMPARE(cluster.pods("front").size(), 4u);
    for (const auto& [uid, starts] : cluster.agents.starts()) QCOMPARE(starts, 1);
  }

  void whenMostNodesAreLostNothingIsReplacedUntilAPersonSaysSo() {
    Cluster cluster(5);
    cluster.deploy("front", 5, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    for (const char* node : {"node-1", "node-2", "node-3"}) cluster.agents.setPower(node, false);
    cluster.run(seconds(300));
    QCOMPARE(cluster.readyPods("front"), 2);
    for (const char* node : {"node-1", "node-2", "node-3"}) QCOMPARE(activeOn(cluster, node), 1);
    QVERIFY(cluster.hasEvent("EvictionHeldBack"));
    // Drained: this one is dead indeed.
    QVERIFY(cluster.controller->drain(kAna, request("node-1")).ok());
    QVERIFY(cluster.runUntil([&] { return cluster.readyPods("front") == 3; }, seconds(10)));
    // One of the others is back: 2 of 5 is no mass failure any more.
    cluster.agents.setPower("node-3", true);
    QVERIFY(cluster.runUntil([&] { return cluster.readyPods("front") == 5; }, seconds(30)));
    QCOMPARE(activeOn(cluster, "node-2"), 0);
  }

  void aDrainMovesPodsWithoutTakingAny_data() {
    QTest::addColumn<int>("replicas");
    QTest::addColumn<bool>("mayMiss");
    QTest::newRow("one replica, replaced before it goes") << 1 << false;
    QTest::newRow("three replicas") << 3 << false;
    QTest::newRow("eight replicas of which two may be missing") << 8 << true;
    QTest::newRow("no surge, one may be missing") << 2 << true;
  }
  void aDrainMovesPodsWithoutTakingAny() {
    QFETCH(int, replicas);
    QFETCH(bool, mayMiss);
    Cluster cluster(3);
    const auto adjust = [&](schema::Deployment& deployment) {
      if (!mayMiss || replicas != 2) return;
      auto& rolling = *deployment.mutable_spec()->mutable_strategy()->mutable_rolling_update();
      rolling.mutable_max_surge()->set_number(0);
      rolling.mutable_max_unavailable()->set_number(1);
    };
    cluster.deploy("front", replicas, "front:1", adjust);
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    const std::string node = cluster.pods("front")[0]->nodeName;
    QVERIFY(cluster.controller->drain(kAna, request(node)).ok());
    QVERIFY(cluster.runUntil([&] { return cluster.state().podsOnNode(node).empty(); }));
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    QCOMPARE(firstBroken(cluster), QString(""));
    QCOMPARE(cluster.readyPods("front"), replicas);
    QCOMPARE(int(cluster.pods("front").size()), replicas);
    cluster.run(seconds(1));
    QVERIFY(cluster.hasEvent("Drained"));
    QVERIFY(cluster.state().nodes.find({"", node})->spec().unschedulable());
    QCOMPARE(cluster.state().nodes.find({"", node})->spec().drain().by(), "ana");
  }

  void aDrainAndARolloutTogetherKeepTheFencePosts_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 10; ++seed) QTest::addRow("seed %d", seed) << seed;
  }
  void aDrainAndARolloutTogetherKeepTheFencePosts() {
    QFETCH(int, seed);
    Cluster cluster(4, seed);
    const int replicas = 1 + seed % 6;
    cluster.deploy("front", replicas, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    QVERIFY(cluster.controller->drain(kAna, request("node-1")).ok());
    cluster.run(base::Duration(seed * 173));
    cluster.deploy("front", replicas, "front:2");
    cluster.run(base::Duration(seed * 311));
    QVERIFY(cluster.controller->drain(kAna, request("node-2")).ok());
    QVERIFY(cluster.runUntil([&] {
      return cluster.isComplete("front") && cluster.state().podsOnNode("node-1").empty() &&
             cluster.state().podsOnNode("node-2").empty();
    }));
    QCOMPARE(firstBroken(cluster), QString(""));
    QCOMPARE(cluster.readyPods("front", "front:2"), replicas);
    for (const auto& pod : cluster.pods("front")) QVERIFY(!pod->leaving);
  }

  void anUncordonEndsADrain() {
    Cluster cluster(2);
    cluster.deploy("front", 1, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    const std::string node = cluster.pods("front")[0]->nodeName;
    const std::string uid = cluster.pods("front")[0]->uid;
    cluster.agents.neverReady = [](const schema::Pod&) { return true; };
    QVERIFY(cluster.controller->drain(kAna, request(node)).ok());
    cluster.run(seconds(5));
    QCOMPARE(cluster.pods("front").size(), 2u);
    QVERIFY(cluster.controller->uncordon(kAna, request(node)).ok());
    QVERIFY(cluster.runUntil([&] { return cluster.pods("front").size() == 1; }));
    QCOMPARE(cluster.pods("front")[0]->uid, uid);
    QVERIFY(!cluster.pods("front")[0]->leaving);
    QCOMPARE(cluster.controller->uncordon(kAna, request(node)).status().code(),
             absl::StatusCode::kFailedPrecondition);
    QCOMPARE(cluster.controller->drain(kAna, request("none")).status().code(),
             absl::StatusCode::kNotFound);
  }

  void aCordonedNodeKeepsItsPodsAndGetsNoNewOnes() {
    Cluster cluster(2);
    cluster.deploy("front", 2, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    QVERIFY(cluster.controller->cordon(kAna, request("node-1")).ok());
    cluster.deploy("front", 6, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.readyPods("front") == 6; }));
    QCOMPARE(activeOn(cluster, "node-1"), 1);
    QCOMPARE(activeOn(cluster, "node-2"), 5);
  }

  // Recreate replaces nothing before it goes: without the budget the drain would take one at once.
  void aDrainWaitsForADisruptionBudget() {
    Cluster cluster(2);
    cluster.deploy("front", 2, "front:1", [](schema::Deployment& deployment) {
      deployment.mutable_spec()->mutable_strategy()->set_type("Recreate");
      deployment.mutable_spec()->mutable_strategy()->clear_rolling_update();
    });
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    cluster.put(disruptionBudget(2));
    QVERIFY(cluster.runUntil([&] {
      const auto* budget = cluster.state().disruptionBudgets.find({"shop", "front"});
      return budget->status().current_healthy() == 2 && budget->status().expected_pods() == 2;
    }));
    const auto preview = cluster.controller->previewDrain(request("node-1"));
    QCOMPARE(preview->disruption_budgets_size(), 1);
    QCOMPARE(preview->disruption_budgets(0).explanation(), "keeps 2 of 2 pods, 2 are Ready");
    QVERIFY(cluster.controller->drain(kAna, request("node-1")).ok());
    cluster.run(seconds(30));
    QCOMPARE(activeOn(cluster, "node-1"), 1);
    QVERIFY(wasSaid(cluster, "DrainWaits",
                    "pods wait: PodDisruptionBudget shop/front keeps 2 of 2 pods, 2 are Ready"));
    cluster.put(disruptionBudget(1));
    QVERIFY(cluster.runUntil([&] { return activeOn(cluster, "node-1") == 0; }));
    QVERIFY(cluster.runUntil([&] { return cluster.readyPods("front") == 2; }));
  }

  // Nothing may ever be missing, and yet the node is drained: what goes is replaced first.
  void aBudgetWithoutRoomIsKeptByReplacingFirst() {
    Cluster cluster(2);
    cluster.deploy("front", 2, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    cluster.put(disruptionBudget(2));
    QVERIFY(cluster.controller->drain(kAna, request("node-1")).ok());
    bool isKept = true;
    QVERIFY(cluster.runUntil([&] {
      isKept &= cluster.readyPods("front") >= 2;
      return activeOn(cluster, "node-1") == 0;
    }));
    QVERIFY(isKept);
  }

  void aPreviewOfADrainSaysWhereEachPodGoes() {
    Cluster cluster(2);
    cluster.deploy("front", 2, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    const auto preview = cluster.controller->previewDrain(request("node-1"));
    QVERIFY(preview.ok());
    QCOMPARE(preview->moves_size(), 1);
    QCOMPARE(preview->moves(0).node(), "node-2");
    QCOMPARE(preview->lost_size(), 0);
    QVERIFY(!cluster.state().nodes.find({"", "node-1"})->spec().unschedulable());
  }

  void aControllerThatIsKilledRestartsNoContainer_data() {
    QTest::addColumn<int>("downSeconds");
    QTest::newRow("back at once") << 0;
    QTest::newRow("back after all leases have ended") << 600;
  }
  void aControllerThatIsKilledRestartsNoContainer() {
    QFETCH(int, downSeconds);
    Cluster cluster(3);
    cluster.deploy("front", 6, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    std::set<std::string> before;
    for (const auto& pod : cluster.pods()) before.insert(pod->uid);
    cluster.killController();
    cluster.run(seconds(downSeconds));
    cluster.startController();
    cluster.run(base::Duration(10));
    QCOMPARE(cluster.readyPods("front"), 6);
    cluster.run(seconds(100));
    std::set<std::string> after;
    for (const auto& pod : cluster.pods()) after.insert(pod->uid);
    QCOMPARE(after, before);
    QCOMPARE(cluster.readyPods("front"), 6);
    for (const auto& [uid, starts] : cluster.agents.starts()) QCOMPARE(starts, 1);
    QVERIFY(cluster.nodeIs("node-1", "True"));
  }

  void aControllerThatIsKilledInARolloutGoesOnWithIt_data() {
    QTest::addColumn<int>("afterMs");
    for (int afterMs = 0; afterMs < 4'000; afterMs += 370) {
      QTest::addRow("killed after %d ms", afterMs) << afterMs;
    }
  }
  void aControllerThatIsKilledInARolloutGoesOnWithIt() {
    QFETCH(int, afterMs);
    Cluster cluster(3);
    cluster.deploy("front", 5, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    cluster.deploy("front", 5, "front:2");
    cluster.run(base::Duration(afterMs));
    cluster.killController();
    cluster.run(seconds(1));
    cluster.startController();
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    QCOMPARE(cluster.readyPods("front", "front:2"), 5);
    QCOMPARE(firstBroken(cluster), QString(""));
    for (const auto& [uid, starts] : cluster.agents.starts()) QCOMPARE(starts, 1);
    QVERIFY(cluster.runUntil([&] { return cluster.pods("front").size() == 5; }));
  }

  void aFullDiskStopsDecisionsAndNothingElse() {
    Cluster cluster(2);
    cluster.deploy("front", 4, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    QVERIFY(cluster.controller->healthy().ok());
    cluster.disk.isFull = true;
    cluster.agents.setPower("node-2", false);
    cluster.run(seconds(30));
    QCOMPARE(cluster.controller->healthy().code(), absl::StatusCode::kResourceExhausted);
    QCOMPARE(cluster.controller->cordon(kAna, request("node-1")).status().code(),
             absl::StatusCode::kResourceExhausted);
    QCOMPARE(cluster.agents.node("node-1").pods.size(), 2u);
    QVERIFY2(cluster.agents.node("node-1").session != 0, "agents stay connected");
    cluster.disk.isFull = false;
    QVERIFY(cluster.runUntil([&] { return cluster.controller->healthy().ok(); }, seconds(10)));
    QVERIFY(cluster.runUntil([&] { return cluster.nodeIs("node-2", "Unknown"); }, seconds(90)));
    QVERIFY(cluster.runUntil([&] { return cluster.readyPods("front") == 4; }));
    QCOMPARE(firstBroken(cluster), QString(""));
  }
};

QTEST_GUILESS_MAIN(TstNodeLoss)
#include "tst_node_loss.moc"
