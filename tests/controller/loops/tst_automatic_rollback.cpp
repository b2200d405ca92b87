// SPDX-License-Identifier: Apache-2.0
// What runs goes bad, or its node does, under the whole controller.
#include <QTest>

#include "controller/delivery/records.h"
#include "tests/controller/loops/cluster.h"
#include "tests/support/shop_manifests.h"

using namespace gantry;
using std::chrono::seconds;
using tests::Cluster;

namespace {

constexpr char kUrl[] = "/srv/shop.git";
constexpr int kWatched = 300;

bool isV2(const schema::Pod& pod) {
  return pod.spec().containers(0).image() == "front:v2";
}

}  // namespace

/// v1 has run in three nodes, and v2, which replaced it, was healthy.
class TstAutomaticRollback : public QObject {
  Q_OBJECT

 private:
  static void push(Cluster& cluster, const std::string& image) {
    cluster.git.commit(kUrl, "main", {{"shop/front.yaml", tests::deploymentYaml("front", image)}},
                       "Use " + image);
  }
  static const schema::ApplicationStatus& status(const Cluster& cluster) {
    return cluster.state().applications.find({"gantry-system", "shop"})->status();
  }
  static bool isWell(const Cluster& cluster, const std::string& image) {
    const auto* front = cluster.state().deployments.find({"shop", "front"});
    return front != nullptr && front->spec().template_().spec().containers(0).image() == image &&
           status(cluster).health() == "Healthy";
  }
  static std::string lastCause(const Cluster& cluster) {
    return delivery::historyOf(cluster.state(), {"gantry-system", "shop"}).front()->cause();
  }
  static void prepare(Cluster& cluster) {
    push(cluster, "front:v1");
    schema::Application shop;
    shop.mutable_metadata()->set_namespace_("gantry-system");
    shop.mutable_metadata()->set_name("shop");
    shop.mutable_metadata()->set_uid("uid-shop");
    shop.mutable_metadata()->set_generation(1);
    shop.mutable_spec()->mutable_source()->set_repo_url(kUrl);
    shop.mutable_spec()->mutable_source()->set_path("shop");
    shop.mutable_spec()->mutable_destination()->set_namespace_("shop");
    schema::SyncPolicy& policy = *shop.mutable_spec()->mutable_sync_policy();
    policy.mutable_automated()->set_prune(true);
    policy.mutable_automatic_rollback()->set_watch_seconds(kWatched);
    cluster.put(shop);
    QVERIFY(cluster.runUntil([&] { return isWell(cluster, "front:v1"); }));
    push(cluster, "front:v2");
    QVERIFY(cluster.runUntil([&] { return isWell(cluster, "front:v2"); }));
    cluster.run(seconds(20));
  }

 private slots:
  void aRevisionThatDoesNotStayHealthyIsGoneBackFrom_data() {
    QTest::addColumn<QString>("waiting");
    QTest::addColumn<int>("notBefore");
    QTest::newRow("it crashes again and again") << "CrashLoopBackOff" << 0;
    QTest::newRow("its image is gone") << "ImagePullBackOff" << 0;
    QTest::newRow("its readiness fails for good") << "" << 28;
  }
  void aRevisionThatDoesNotStayHealthyIsGoneBackFrom() {
    QFETCH(QString, waiting);
    QFETCH(int, notBefore);
    Cluster cluster(3);
    prepare(cluster);
    cluster.agents.setReady(isV2, false, waiting.toStdString());
    cluster.run(seconds(notBefore));
    QCOMPARE(lastCause(cluster), "sync");
    QVERIFY(cluster.runUntil([&] { return lastCause(cluster) == "rollback"; }, seconds(10)));
    const auto history = delivery::historyOf(cluster.state(), {"gantry-system", "shop"});
    QVERIFY2(history.front()->reason().find("did not stay healthy: Deployment/shop/front: 0 of 2 "
                                            "replicas are available: front-") != std::string::npos,
             history.front()->reason().c_str());
    QVERIFY(cluster.runUntil([&] { return isWell(cluster, "front:v1"); }));
  }

  void aShortTroubleIsNoReasonToGoBack() {
    Cluster cluster(3);
    prepare(cluster);
    for (int i = 0; i < 3; ++i) {
      cluster.agents.setReady(isV2, false);
      cluster.run(seconds(20));
      QCOMPARE(status(cluster).health(), "Progressing");
      cluster.agents.setReady(isV2, true);
      cluster.run(seconds(20));
      QCOMPARE(status(cluster).health(), "Healthy");
    }
    QCOMPARE(lastCause(cluster), "sync");
  }

  void whatWasHealthyForLongEnoughIsNotGoneBackFrom() {
    Cluster cluster(3);
    prepare(cluster);
    cluster.run(seconds(kWatched));
    cluster.agents.setReady(isV2, false, "CrashLoopBackOff");
    cluster.run(seconds(120));
    QCOMPARE(status(cluster).health(), "Degraded");
    QCOMPARE(lastCause(cluster), "sync");
  }

  void aNodeIsNoReasonToGoBack_data() {
    QTest::addColumn<QString>("how");
    QTest::newRow("its node is lost") << "lost";
    QTest::newRow("its node is lost and comes back") << "back";
    QTest::newRow("all nodes are lost") << "all";
    QTest::newRow("what replaces it takes long to start") << "slow";
    QTest::newRow("its node is drained and what replaces it takes long") << "drain";
  }
  void aNodeIsNoReasonToGoBack() {
    QFETCH(QString, how);
    Cluster cluster(3);
    prepare(cluster);
    const std::string node = cluster.pods("front").front()->nodeName;
    cluster.agents.neverReady = [&](const schema::Pod& pod) {
      return isV2(pod) && (how == "slow" || how == "drain");
    };
    if (how == "drain") {
      api::NodeRequest request;
      request.set_node(node);
      request.set_reason("maintenance");
      QVERIFY(cluster.controller->drain({"ana"}, request).ok());
    } else if (how == "all") {
      for (const char* each : {"node-1", "node-2", "node-3"}) {
        cluster.agents.setPower(each, false);
      }
    } else {
      cluster.agents.setPower(node, false);
    }
    cluster.run(seconds(30));
    if (how == "back") cluster.agents.setPower(node, true);
    for (int i = 0; i < kWatched / 10; ++i) {
      cluster.run(seconds(10));
      QVERIFY2(status(cluster).health() != "Degraded", status(cluster).message().c_str());
    }
    QCOMPARE(lastCause(cluster), "sync");
  }
};

QTEST_GUILESS_MAIN(TstAutomaticRollback)
#include "tst_automatic_rollback.moc"
