// SPDX-License-Identifier: Apache-2.0
// How many pods a PodDisruptionBudget lets go.
#include <QTest>

#include "base/check.h"
#include "controller/model/ledger.h"
#include "controller/store/memory_store.h"
#include "controller/workloads/disruption.h"

using namespace gantry;

namespace {

/// A Deployment "front" of which so many pods are Ready, and so many are not.
struct World {
  World(int replicas, int ready, int notReady) {
    auto opened = model::Ledger::open(store);
    GANTRY_CHECK(opened.ok());
    ledger = *std::move(opened);
    schema::Deployment deployment;
    name(*deployment.mutable_metadata(), "front");
    deployment.mutable_spec()->set_replicas(replicas);
    put(deployment);
    schema::ReplicaSet set;
    name(*set.mutable_metadata(), "front-1");
    set.mutable_spec()->set_replicas(replicas);
    schema::OwnerReference& owner = *set.mutable_metadata()->add_owner_references();
    owner.set_name("front");
    owner.set_uid("uid-front");
    put(set);
    for (int i = 0; i < ready + notReady; ++i) addPod("p" + std::to_string(i), i < ready);
  }

  static void name(schema::ObjectMeta& metadata, const std::string& name) {
    metadata.set_namespace_("shop");
    metadata.set_name(name);
    metadata.set_uid("uid-" + name);
  }

  void addPod(const std::string& podName, bool isReady, bool isBare = false) {
    model::Pod pod;
    pod.ns = "shop";
    pod.name = podName;
    pod.uid = podName;
    if (!isBare) {
      pod.ownerKind = "ReplicaSet";
      pod.ownerName = "front-1";
      pod.ownerUid = "uid-front-1";
    }
    pod.phase = model::PodPhase::kRunning;
    pod.nodeName = "node-1";
    auto shape = std::make_shared<schema::PodTemplateSpec>();
    (*shape->mutable_metadata()->mutable_labels())["app"] = "front";
    pod.shape = shape;
    auto status = std::make_shared<schema::PodStatus>();
    schema::Condition& ready = *status->add_conditions();
    ready.set_type("Ready");
    ready.set_status(isReady ? "True" : "False");
    pod.status = status;
    put(pod);
  }

  template <class T>
  void put(T object) {
    model::Transaction transaction(ledger->state());
    transaction.put(std::move(object));
    GANTRY_CHECK(ledger->commit(std::move(transaction)).ok());
  }

  const model::Pod& pod(const std::string& podName) const {
    return *ledger->state().pods.find({"shop", podName});
  }

  store::MemoryStore store;
  std::unique_ptr<model::Ledger> ledger;
};

schema::IntOrString value(const QString& text) {
  schema::IntOrString result;
  bool isNumber = false;
  const int number = text.toInt(&isNumber);
  isNumber ? result.set_number(number) : result.set_text(text.toStdString());
  return result;
}

schema::PodDisruptionBudget budget(const QString& minAvailable, const QString& maxUnavailable) {
  schema::PodDisruptionBudget budget;
  World::name(*budget.mutable_metadata(), "front");
  schema::PodDisruptionBudgetSpec& spec = *budget.mutable_spec();
  if (!minAvailable.isEmpty()) *spec.mutable_min_available() = value(minAvailable);
  if (!maxUnavailable.isEmpty()) *spec.mutable_max_unavailable() = value(maxUnavailable);
  (*spec.mutable_selector()->mutable_match_labels())["app"] = "front";
  return budget;
}

}  // namespace

class TstDisruption : public QObject {
  Q_OBJECT

 private slots:
  void countsAsKubernetesDoes_data() {
    QTest::addColumn<QString>("minAvailable");
    QTest::addColumn<QString>("maxUnavailable");
    QTest::addColumn<int>("replicas");
    QTest::addColumn<int>("ready");
    QTest::addColumn<int>("notReady");
    QTest::addColumn<int>("desired");
    QTest::addColumn<int>("allowed");
    QTest::newRow("a number that must stay") << "2" << "" << 3 << 3 << 0 << 2 << 1;
    QTest::newRow("one is missing already") << "2" << "" << 3 << 2 << 1 << 2 << 0;
    QTest::newRow("more are missing than may be") << "3" << "" << 3 << 1 << 2 << 3 << 0;
    QTest::newRow("a percentage rounds up") << "50%" << "" << 5 << 5 << 0 << 3 << 2;
    QTest::newRow("of what is wanted, not of what is there")
        << "50%" << "" << 10 << 6 << 0 << 5 << 1;
    QTest::newRow("so many may be missing") << "" << "1" << 3 << 3 << 0 << 2 << 1;
    QTest::newRow("a percentage of those rounds up, too") << "" << "30%" << 5 << 5 << 0 << 3 << 2;
    QTest::newRow("none may be missing") << "" << "0" << 3 << 3 << 0 << 3 << 0;
    QTest::newRow("one more than wanted may go") << "" << "0" << 3 << 4 << 0 << 3 << 1;
    QTest::newRow("all may go") << "" << "100%" << 3 << 3 << 0 << 0 << 3;
    QTest::newRow("no pods") << "1" << "" << 0 << 0 << 0 << 1 << 0;
  }
  void countsAsKubernetesDoes() {
    QFETCH(QString, minAvailable);
    QFETCH(QString, maxUnavailable);
    QFETCH(int, replicas);
    QFETCH(int, ready);
    QFETCH(int, notReady);
    const World world(replicas, ready, notReady);
    const schema::PodDisruptionBudgetStatus status =
        workloads::disruptionStatus(budget(minAvailable, maxUnavailable), world.ledger->state());
    QCOMPARE(status.current_healthy(), ready);
    QTEST(status.desired_healthy(), "desired");
    QTEST(status.disruptions_allowed(), "allowed");
  }

  void aPodWithoutAnOwnerIsWantedOnce() {
    World world(2, 2, 0);
    world.addPod("bare", true, true);
    const auto status = workloads::disruptionStatus(budget("", "1"), world.ledger->state());
    QCOMPARE(status.expected_pods(), 3);
    QCOMPARE(status.disruptions_allowed(), 1);
  }

  void isForWhatItSelectsInItsNamespace() {
    schema::PodDisruptionBudget front = budget("1", "");
    manifests::Labels labels;
    labels["app"] = "front";
    QVERIFY(workloads::selects(front, "shop", labels));
    QVERIFY(!workloads::selects(front, "other", labels));
    labels["app"] = "back";
    QVERIFY(!workloads::selects(front, "shop", labels));
    front.mutable_spec()->mutable_selector()->Clear();
    QVERIFY2(workloads::selects(front, "shop", labels), "an empty selector is for all");
    front.mutable_spec()->clear_selector();
    QVERIFY2(!workloads::selects(front, "shop", labels), "without one, for none");
  }

  void letsGoUntilItIsUsedUp() {
    World world(3, 3, 0);
    world.put(budget("2", ""));
    workloads::Disruptions disruptions(world.ledger->state());
    QVERIFY(disruptions.take(world.pod("p0")).empty());
    const auto inTheWay = disruptions.take(world.pod("p1"));
    QCOMPARE(inTheWay.size(), std::size_t{1});
    QCOMPARE(describe(inTheWay[0]),
             "PodDisruptionBudget shop/front keeps 2 of 3 pods, 2 are Ready");
  }

  void allOfThemHaveToAllowIt() {
    World world(3, 3, 0);
    world.put(budget("1", ""));
    schema::PodDisruptionBudget second = budget("", "0");
    second.mutable_metadata()->set_name("second");
    world.put(second);
    workloads::Disruptions disruptions(world.ledger->state());
    QCOMPARE(disruptions.take(world.pod("p0")).size(), std::size_t{1});
    QCOMPARE(disruptions.take(world.pod("p0"))[0].budget, "shop/second");
  }

  void whatIsNotReadyGoesIfTheOthersSuffice_data() {
    QTest::addColumn<int>("ready");
    QTest::addColumn<QString>("policy");
    QTest::addColumn<bool>("goes");
    QTest::newRow("they do") << 2 << "IfHealthyBudget" << true;
    QTest::newRow("they do not") << 1 << "IfHealthyBudget" << false;
    QTest::newRow("whatever the others are") << 1 << "AlwaysAllow" << true;
  }
  void whatIsNotReadyGoesIfTheOthersSuffice() {
    QFETCH(int, ready);
    QFETCH(QString, policy);
    World world(3, ready, 3 - ready);
    schema::PodDisruptionBudget two = budget("2", "");
    two.mutable_spec()->set_unhealthy_pod_eviction_policy(policy.toStdString());
    world.put(two);
    workloads::Disruptions disruptions(world.ledger->state());
    QTEST(disruptions.take(world.pod("p2")).empty(), "goes");
  }

  void whatDoesNotRunIsMissedByNobody() {
    World world(2, 2, 0);
    world.put(budget("", "0"));
    model::Pod pending = world.pod("p0");
    pending.phase = model::PodPhase::kPending;
    workloads::Disruptions disruptions(world.ledger->state());
    QVERIFY(disruptions.take(pending).empty());
    QVERIFY(!disruptions.take(world.pod("p1")).empty());
  }
};

QTEST_GUILESS_MAIN(TstDisruption)
#include "tst_disruption.moc"
