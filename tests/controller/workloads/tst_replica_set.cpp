// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/workloads/replica_set.h"
#include "controller/workloads/victims.h"

using namespace gantry;
using namespace gantry::workloads;
using namespace std::chrono_literals;

namespace {

const base::Timestamp kNow = base::fromUnixMs(1'000'000);

/// A pod, described by what its order as a victim depends on.
struct Sketch {
  const char* name = "";
  const char* node = "n1";
  model::PodPhase phase = model::PodPhase::kRunning;
  bool isReady = true;
  base::Duration readyFor = 60s;
  const char* deletionCost = nullptr;
  int restarts = 0;
  base::Duration age = 100s;
};

model::Pod podOf(const Sketch& sketch) {
  model::Pod pod;
  pod.ns = "shop";
  pod.name = sketch.name;
  pod.uid = std::string("uid-") + sketch.name;
  pod.nodeName = sketch.node;
  pod.phase = sketch.phase;
  pod.createdAt = kNow - sketch.age;
  auto shape = std::make_shared<schema::PodTemplateSpec>();
  (*shape->mutable_metadata()->mutable_labels())["app"] = "front";
  if (sketch.deletionCost != nullptr) {
    (*shape->mutable_metadata()
          ->mutable_annotations())["controller.kubernetes.io/pod-deletion-cost"] =
        sketch.deletionCost;
  }
  pod.shape = shape;
  auto status = std::make_shared<schema::PodStatus>();
  schema::Condition& ready = *status->add_conditions();
  ready.set_type("Ready");
  ready.set_status(sketch.isReady ? "True" : "False");
  ready.mutable_last_transition_time()->set_unix_ms(base::toUnixMs(kNow - sketch.readyFor));
  status->add_container_statuses()->set_restart_count(sketch.restarts);
  pod.status = status;
  return pod;
}

std::vector<model::Ptr<model::Pod>> podsOf(const std::vector<Sketch>& sketches) {
  std::vector<model::Ptr<model::Pod>> pods;
  for (const Sketch& sketch : sketches) {
    pods.push_back(std::make_shared<const model::Pod>(podOf(sketch)));
  }
  return pods;
}

schema::ReplicaSet replicaSet(int replicas) {
  schema::ReplicaSet set;
  set.mutable_metadata()->set_name("front-1");
  set.mutable_metadata()->set_namespace_("shop");
  set.mutable_metadata()->set_uid("set-1");
  set.mutable_metadata()->set_generation(4);
  set.mutable_spec()->set_replicas(replicas);
  (*set.mutable_spec()->mutable_template_()->mutable_metadata()->mutable_labels())["app"] = "front";
  return set;
}

QStringList namesOf(const ReplicaSetPlan& plan) {
  QStringList names;
  for (const DeletePod& victim : plan.deletions) names << victim.name.name.c_str();
  return names;
}

}  // namespace

class TstReplicaSet : public QObject {
  Q_OBJECT

 private slots:
  void victims_data();
  void victims();
  void missingPodsAreCreated();
  void replicasDefaultToOne();
  void surplusIsDeleted();
  void terminatingPodsAreReplacedAtOnce();
  void endedPodsAreReplacedAndThreeKept();
  void noEndedPodIsKeptWithoutReplicas();
  void deletedSetGivesUpAllPods();
  void statusCountsWhatIsSeen();
  void looksAgainWhenAPodBecomesAvailable();
  void makesPods();
};

void TstReplicaSet::victims_data() {
  QTest::addColumn<std::vector<Sketch>>("pods");
  QTest::addColumn<int>("minReadySeconds");
  QTest::addColumn<QString>("first");
  const auto row = [](const char* name, std::vector<Sketch> pods, const char* first,
                      int minReady = 0) {
    QTest::newRow(name) << std::move(pods) << minReady << QString(first);
  };
  row("not bound to a node before bound", {{.name = "a"}, {.name = "b", .node = ""}}, "b");
  row("Pending before Running",
      {{.name = "a", .isReady = false},
       {.name = "b", .phase = model::PodPhase::kPending, .isReady = false}},
      "b");
  row("not Ready before Ready", {{.name = "a"}, {.name = "b", .isReady = false}}, "b");
  row("not available before available, although it costs more",
      {{.name = "a", .readyFor = 60s, .deletionCost = "1"},
       {.name = "b", .readyFor = 5s, .deletionCost = "9"}},
      "b", 30);
  row("lower pod-deletion-cost before higher",
      {{.name = "a", .deletionCost = "5"}, {.name = "b", .deletionCost = "-5"}}, "b");
  row("a cost that is no number is 0",
      {{.name = "a", .deletionCost = "cheap"}, {.name = "b", .deletionCost = "-1"}}, "b");
  row("from the node with more of them",
      {{.name = "a", .node = "n1"}, {.name = "b", .node = "n2"}, {.name = "c", .node = "n2"}}, "b");
  row("Ready for less time before longer",
      {{.name = "a", .readyFor = 60s}, {.name = "b", .readyFor = 5s}}, "b");
  row("more restarts before fewer", {{.name = "a", .restarts = 1}, {.name = "b", .restarts = 3}},
      "b");
  row("newer before older", {{.name = "a", .age = 100s}, {.name = "b", .age = 50s}}, "b");
  row("else by name", {{.name = "b"}, {.name = "a"}}, "a");
  row("not Ready counts more than cost",
      {{.name = "a", .deletionCost = "-100"},
       {.name = "b", .isReady = false, .deletionCost = "100"}},
      "b");
}

void TstReplicaSet::victims() {
  QFETCH(std::vector<Sketch>, pods);
  QFETCH(int, minReadySeconds);
  const base::Duration minReady = std::chrono::seconds(minReadySeconds);
  const auto order = victimOrder(podsOf(pods), minReady, kNow);
  QTEST(QString::fromStdString(order.front()->name), "first");
  // The order does not depend on the order of what is given.
  std::reverse(pods.begin(), pods.end());
  QTEST(QString::fromStdString(victimOrder(podsOf(pods), minReady, kNow).front()->name), "first");
}

void TstReplicaSet::missingPodsAreCreated() {
  const ReplicaSetPlan plan = planReplicaSet({replicaSet(3), podsOf({{.name = "a"}}), kNow});
  QCOMPARE(plan.create, 2);
  QVERIFY(plan.deletions.empty());
  QCOMPARE(plan.createReason, std::string("1 of 3 replicas are there"));
}

void TstReplicaSet::replicasDefaultToOne() {
  schema::ReplicaSet set = replicaSet(0);
  set.mutable_spec()->clear_replicas();
  QCOMPARE(planReplicaSet({set, {}, kNow}).create, 1);
}

void TstReplicaSet::surplusIsDeleted() {
  const schema::ReplicaSet set = replicaSet(1);
  const ReplicaSetPlan plan = planReplicaSet(
      {set, podsOf({{.name = "a"}, {.name = "b", .node = ""}, {.name = "c"}}), kNow});
  QCOMPARE(plan.create, 0);
  QCOMPARE(namesOf(plan), QStringList({"b", "a"}));
  QCOMPARE(plan.deletions.front().reason, std::string("scaled down from 3 to 1"));
}

void TstReplicaSet::terminatingPodsAreReplacedAtOnce() {
  model::Pod going = podOf({.name = "a"});
  going.deletedAt = kNow;
  const ReplicaSetPlan plan =
      planReplicaSet({replicaSet(1), {std::make_shared<const model::Pod>(going)}, kNow});
  QCOMPARE(plan.create, 1);
  QVERIFY(plan.deletions.empty());
  QCOMPARE(plan.status.replicas(), 0);
}

void TstReplicaSet::endedPodsAreReplacedAndThreeKept() {
  using enum model::PodPhase;
  const ReplicaSetPlan plan =
      planReplicaSet({replicaSet(1),
                      podsOf({{.name = "a", .phase = kFailed, .age = 50s},
                              {.name = "b", .phase = kFailed, .age = 40s},
                              {.name = "c", .phase = kSucceeded, .age = 30s},
                              {.name = "d", .phase = kFailed, .age = 20s},
                              {.name = "e", .phase = kFailed, .age = 20s}}),
                      kNow});
  QCOMPARE(plan.create, 1);
  QCOMPARE(namesOf(plan), QStringList({"b", "a"}));
}

void TstReplicaSet::noEndedPodIsKeptWithoutReplicas() {
  const ReplicaSetPlan plan = planReplicaSet(
      {replicaSet(0), podsOf({{.name = "a", .phase = model::PodPhase::kFailed}}), kNow});
  QCOMPARE(namesOf(plan), QStringList({"a"}));
}

void TstReplicaSet::deletedSetGivesUpAllPods() {
  schema::ReplicaSet set = replicaSet(2);
  set.mutable_metadata()->mutable_deletion_timestamp()->set_unix_ms(1);
  const ReplicaSetPlan plan = planReplicaSet({set, podsOf({{.name = "a"}, {.name = "b"}}), kNow});
  QCOMPARE(namesOf(plan), QStringList({"a", "b"}));
}

void TstReplicaSet::statusCountsWhatIsSeen() {
  schema::ReplicaSet set = replicaSet(4);
  set.mutable_spec()->set_min_ready_seconds(30);
  const ReplicaSetPlan plan = planReplicaSet(
      {set, podsOf({{.name = "a"}, {.name = "b", .readyFor = 5s}, {.name = "c", .isReady = false}}),
       kNow});
  QCOMPARE(plan.status.replicas(), 3);
  QCOMPARE(plan.status.fully_labeled_replicas(), 3);
  QCOMPARE(plan.status.ready_replicas(), 2);
  QCOMPARE(plan.status.available_replicas(), 1);
  QCOMPARE(plan.status.observed_generation(), 4);
}

void TstReplicaSet::looksAgainWhenAPodBecomesAvailable() {
  schema::ReplicaSet set = replicaSet(2);
  set.mutable_spec()->set_min_ready_seconds(30);
  const ReplicaSetPlan plan = planReplicaSet(
      {set, podsOf({{.name = "a", .readyFor = 5s}, {.name = "b", .readyFor = 10s}}), kNow});
  QVERIFY(plan.revisitAt == kNow + 20s);
}

void TstReplicaSet::makesPods() {
  schema::ReplicaSet set = replicaSet(1);
  set.mutable_spec()->mutable_template_()->mutable_spec()->set_termination_grace_period_seconds(7);
  const auto shape = std::make_shared<const schema::PodTemplateSpec>(set.spec().template_());
  const model::Pod pod = makePod("ReplicaSet", set.metadata(), shape, "front-1-abcde", "uid", kNow);
  QCOMPARE(pod.ns, std::string("shop"));
  QCOMPARE(pod.ownerKind, std::string("ReplicaSet"));
  QCOMPARE(pod.ownerName, std::string("front-1"));
  QCOMPARE(pod.ownerUid, std::string("set-1"));
  QCOMPARE(pod.gracePeriodSeconds, 7);
  QCOMPARE(pod.labels().at("app"), std::string("front"));
  QVERIFY(pod.shape == shape);
  QVERIFY(pod.nodeName.empty());
  QVERIFY(model::isActive(pod));
  QVERIFY(pod.status != nullptr);
}

QTEST_GUILESS_MAIN(TstReplicaSet)
#include "tst_replica_set.moc"
