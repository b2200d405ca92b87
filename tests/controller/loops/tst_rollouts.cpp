// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/delivery/records.h"
#include "tests/controller/loops/cluster.h"

using namespace gantry;
using std::chrono::seconds;
using tests::Cluster;

namespace {

QString firstBroken(const Cluster& cluster) {
  return cluster.broken.empty() ? QString("") : QString::fromStdString(cluster.broken.front());
}

const delivery::Caller kAna{"ana"};

api::RolloutRequest rollout(const std::string& name) {
  api::RolloutRequest request;
  request.set_namespace_("shop");
  request.set_deployment(name);
  request.set_reason("looking into it");
  return request;
}

}  // namespace

class TstRollouts : public QObject {
  Q_OBJECT

 private slots:
  void aDeploymentBecomesReadyPodsOnAllNodes() {
    Cluster cluster(3);
    cluster.deploy("front", 6, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    QCOMPARE(cluster.readyPods("front"), 6);
    for (const auto& [name, node] : cluster.agents.nodes()) QCOMPARE(node.pods.size(), 2u);
    QCOMPARE(cluster.agents.brokenDiffs(), 0);
    QVERIFY(cluster.hasEvent("ScalingReplicaSet"));
    QVERIFY(cluster.hasEvent("Scheduled"));
    // All pods of one template share it.
    QCOMPARE(cluster.pods("front")[0]->shape.get(), cluster.pods("front")[5]->shape.get());
  }

  void aNewImageRollsOutWithinTheFencePosts_data() {
    QTest::addColumn<int>("replicas");
    QTest::addColumn<int>("seed");
    for (const int replicas : {1, 2, 3, 5, 10}) {
      for (int seed = 1; seed <= 3; ++seed) {
        QTest::addRow("%d replicas, seed %d", replicas, seed) << replicas << seed;
      }
    }
  }
  void aNewImageRollsOutWithinTheFencePosts() {
    QFETCH(int, replicas);
    QFETCH(int, seed);
    Cluster cluster(3, seed);
    cluster.deploy("front", replicas, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    cluster.deploy("front", replicas, "front:2");
    QVERIFY(!cluster.isComplete("front"));
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    QCOMPARE(cluster.readyPods("front", "front:2"), replicas);
    QCOMPARE(firstBroken(cluster), QString(""));
    QVERIFY(cluster.runUntil([&] { return cluster.pods("front").size() == size_t(replicas); }));
  }

  void aRolloutThatNeverGetsReadyKeepsTheOldPods() {
    Cluster cluster(3);
    cluster.deploy("front", 4, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    cluster.agents.neverReady = [](const schema::Pod& pod) {
      return pod.spec().containers(0).image() == "front:broken";
    };
    cluster.deploy("front", 4, "front:broken",
                   [](auto& d) { d.mutable_spec()->set_progress_deadline_seconds(60); });
    cluster.run(seconds(120));
    QCOMPARE(cluster.readyPods("front", "front:1"), 3);
    QCOMPARE(firstBroken(cluster), QString(""));
    const auto& deployment = *cluster.state().deployments.find({"shop", "front"});
    QCOMPARE(workloads::rolloutState(deployment, {}).phase,
             workloads::RolloutState::Phase::kFailed);
    // Back again, as a revert commit would do.
    cluster.deploy("front", 4, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    QCOMPARE(cluster.readyPods("front", "front:1"), 4);
    QCOMPARE(firstBroken(cluster), QString(""));
  }

  void aPausedRolloutWaitsForItsResume() {
    Cluster cluster(2);
    cluster.deploy("front", 3, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    QVERIFY(cluster.controller->pauseRollout(kAna, rollout("front")).ok());
    QCOMPARE(cluster.controller->pauseRollout(kAna, rollout("front")).status().code(),
             absl::StatusCode::kFailedPrecondition);
    cluster.deploy("front", 3, "front:2");
    cluster.run(seconds(30));
    QCOMPARE(cluster.readyPods("front", "front:1"), 3);
    QCOMPARE(cluster.pods("front").size(), 3u);
    QCOMPARE(cluster.state().deployments.find({"shop", "front"})->status().paused_by(), "ana");
    QVERIFY(cluster.controller->resumeRollout(kAna, rollout("front")).ok());
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    QCOMPARE(cluster.readyPods("front", "front:2"), 3);
    QVERIFY(cluster.state().deployments.find({"shop", "front"})->status().paused_by().empty());
    QCOMPARE(cluster.controller->resumeRollout(kAna, rollout("front")).status().code(),
             absl::StatusCode::kFailedPrecondition);
    QCOMPARE(cluster.controller->pauseRollout(kAna, rollout("none")).status().code(),
             absl::StatusCode::kNotFound);
  }

  void whoPausesARolloutIsRecordedWithItsApplication() {
    Cluster cluster(1);
    cluster.deploy("front", 1, "front:1");
    schema::Application shop;
    shop.mutable_metadata()->set_namespace_("gantry-system");
    shop.mutable_metadata()->set_name("shop");
    shop.mutable_status()->mutable_applied()->set_commit("1a2b3c4d");
    schema::Deployment front = *cluster.state().deployments.find({"shop", "front"});
    (*front.mutable_metadata()->mutable_annotations())["gantry.dev/application"] =
        "gantry-system/shop";
    model::Transaction transaction(cluster.state());
    transaction.put(shop);
    transaction.put(front);
    QVERIFY(cluster.ledger->commit(std::move(transaction)).ok());
    api::RolloutRequest request = rollout("front");
    request.set_reason("looks odd");
    QVERIFY(cluster.controller->pauseRollout(kAna, request).ok());
    request.clear_reason();
    QVERIFY(cluster.controller->resumeRollout(kAna, request).ok());
    const auto records = delivery::auditOf(cluster.state(), {"gantry-system", "shop"});
    QCOMPARE(records.size(), 2u);
    QCOMPARE(records[1]->action(), "pause-rollout");
    QCOMPARE(records[1]->reason(), "Deployment shop/front: looks odd");
    QCOMPARE(records[1]->by(), "ana");
    QCOMPARE(records[1]->commit(), "1a2b3c4d");
    QCOMPARE(records[0]->action(), "resume-rollout");
    QCOMPARE(records[0]->reason(), "Deployment shop/front");
    QCOMPARE(records[0]->previous_hash(), records[1]->hash());
  }

  void whatADeploymentMadeGoesWithIt() {
    Cluster cluster(2);
    cluster.deploy("front", 3, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    cluster.remove("Deployment", {"shop", "front"});
    cluster.run(base::Duration(100));
    QCOMPARE(cluster.state().replicaSets.size(), 0u);
    // Told to go with their grace, not forgotten.
    for (const auto& pod : cluster.pods("front")) QVERIFY(pod->deletedAt.has_value());
    QCOMPARE(cluster.pods("front").size(), 3u);
    QVERIFY(cluster.runUntil([&] { return cluster.state().pods.size() == 0; }));
    for (const auto& [name, node] : cluster.agents.nodes()) QVERIFY(node.pods.empty());
  }

  void aReplicaSetGoesThatWasLeftBehindByACrash() {
    Cluster cluster(2);
    cluster.deploy("front", 2, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    cluster.remove("Deployment", {"shop", "front"});
    cluster.killController();
    cluster.startController();
    QVERIFY(cluster.runUntil([&] { return cluster.state().pods.size() == 0; }));
    QCOMPARE(cluster.state().replicaSets.size(), 0u);
  }

  void everythingInANamespaceGoesWithIt() {
    Cluster cluster(2);
    schema::Namespace ns;
    ns.mutable_metadata()->set_name("shop");
    cluster.put(ns);
    ns.mutable_metadata()->set_name("other");
    cluster.put(ns);
    schema::ConfigMap map;
    map.mutable_metadata()->set_name("text");
    map.mutable_metadata()->set_namespace_("shop");
    cluster.put(map);
    map.mutable_metadata()->set_namespace_("other");
    cluster.put(map);
    schema::Service service;
    service.mutable_metadata()->set_name("front");
    service.mutable_metadata()->set_namespace_("shop");
    service.mutable_spec()->add_ports()->set_port(80);
    cluster.put(service);
    cluster.deploy("front", 2, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));

    cluster.remove("Namespace", {"", "shop"});
    cluster.run(base::Duration(200));
    QVERIFY2(cluster.state().configMaps.find({"shop", "text"}), "pods still stop");
    QVERIFY(cluster.runUntil([&] { return !cluster.state().namespaces.find({"", "shop"}); }));
    QCOMPARE(cluster.state().pods.size(), 0u);
    QCOMPARE(cluster.state().deployments.size(), 0u);
    QCOMPARE(cluster.state().services.size(), 0u);
    cluster.run(seconds(1));
    QCOMPARE(cluster.state().endpoints.size(), 0u);
    QVERIFY(!cluster.state().configMaps.find({"shop", "text"}));
    QVERIFY(cluster.state().configMaps.find({"other", "text"}));
    QVERIFY(cluster.state().namespaces.find({"", "other"}));
  }

  void podsThatFitNowhereSayWhyUntilTheyFit() {
    Cluster cluster(1);
    cluster.deploy("front", 10, "front:1");  // 500m each on 4 cores
    cluster.run(seconds(20));
    QCOMPARE(cluster.readyPods("front"), 8);
    int waiting = 0;
    for (const auto& pod : cluster.pods("front")) {
      if (!pod->nodeName.empty()) continue;
      const auto* scheduled = model::findCondition(*pod->status, "PodScheduled");
      QVERIFY(scheduled);
      QCOMPARE(scheduled->status(), "False");
      QVERIFY2(scheduled->message().starts_with("0 of 1 nodes fit"), scheduled->message().c_str());
      ++waiting;
    }
    QCOMPARE(waiting, 2);
    QVERIFY(cluster.hasEvent("FailedScheduling"));
    cluster.agents.addNode("node-2");
    QVERIFY(cluster.runUntil([&] { return cluster.readyPods("front") == 10; }, seconds(10)));
  }

  void aPodThatFreesRoomLetsAnotherIn() {
    Cluster cluster(1);
    cluster.deploy("back", 4, "back:1");
    cluster.deploy("front", 5, "front:1");
    cluster.run(seconds(20));
    QCOMPARE(cluster.readyPods("front") + cluster.readyPods("back"), 8);
    cluster.remove("Deployment", {"shop", "back"});
    QVERIFY(cluster.runUntil([&] { return cluster.readyPods("front") == 5; }, seconds(10)));
  }

  void aServiceHasTheAddressesOfItsReadyPods() {
    Cluster cluster(2);
    schema::Service service;
    service.mutable_metadata()->set_name("front");
    service.mutable_metadata()->set_namespace_("shop");
    (*service.mutable_spec()->mutable_selector())["app"] = "front";
    service.mutable_spec()->set_type("NodePort");
    service.mutable_spec()->add_ports()->set_port(80);
    cluster.put(service);
    cluster.deploy("front", 2, "front:1");
    cluster.deploy("back", 1, "back:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    cluster.run(seconds(1));
    const auto* live = cluster.state().services.find({"shop", "front"});
    QVERIFY(!live->spec().cluster_ip().empty());
    QVERIFY(live->spec().ports(0).node_port() >= 30000);
    const auto* endpoints = cluster.state().endpoints.find({"shop", "front"});
    QVERIFY(endpoints);
    QCOMPARE(endpoints->addresses_size(), 2);
    QVERIFY(endpoints->addresses(0).ready());
    QCOMPARE(endpoints->cluster_ip(), live->spec().cluster_ip());
    for (const auto& [name, node] : cluster.agents.nodes()) {
      QCOMPARE(node.wanted.services.at("shop/front").addresses_size(), 2);
    }
    // Another Service gets another address, and one that is named twice is refused in words.
    service.mutable_metadata()->set_name("second");
    service.mutable_spec()->set_cluster_ip(live->spec().cluster_ip());
    cluster.put(service);
    cluster.run(seconds(1));
    QVERIFY(!cluster.state().endpoints.find({"shop", "second"}));
    QVERIFY(cluster.hasEvent("AllocationFailed"));

    cluster.remove("Service", {"shop", "front"});
    cluster.run(seconds(1));
    QVERIFY(!cluster.state().endpoints.find({"shop", "front"}));
    for (const auto& [name, node] : cluster.agents.nodes()) {
      QVERIFY(!node.wanted.services.contains("shop/front"));
    }
    QVERIFY2(cluster.runUntil([&] { return cluster.state().endpoints.size() == 1; }),
             "the address is free now");
  }
};

QTEST_GUILESS_MAIN(TstRollouts)
#include "tst_rollouts.moc"
