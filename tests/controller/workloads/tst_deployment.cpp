// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/workloads/deployment.h"
#include "tests/controller/workloads/rollout_model.h"

using namespace gantry;
using namespace gantry::workloads;

namespace {

schema::IntOrString bound(const char* text) {
  schema::IntOrString result;
  if (QByteArray(text).endsWith('%')) {
    result.set_text(text);
  } else {
    result.set_number(QByteArray(text).toInt());
  }
  return result;
}

std::string annotation(const schema::ReplicaSet* set, const char* key) {
  const auto found = set->metadata().annotations().find(key);
  return found == set->metadata().annotations().end() ? "" : found->second;
}

}  // namespace

/// Each row or test names the row of Kubernetes' rules that it proves.
class TstDeployment : public QObject {
  Q_OBJECT

 private slots:
  void fencePosts_data();
  void fencePosts();
  void fencePostsOfSpec_data();
  void fencePostsOfSpec();
  void orderOfSteps_data();
  void orderOfSteps();
  void stuckRolloutThenScale();
  void scaleInProportionSkipsEmptySets();
  void onlyATemplateChangeIsARollout();
  void namesAndLabels();
  void collisionGetsAnotherName();
  void revisionsRiseAndARollbackReusesTheOldSet();
  void historyLimit_data();
  void historyLimit();
  void revisionNumberSurvivesForgottenSets();
  void pause_data();
  void pause();
  void pausedScalesInProportion();
  void pauseStopsTheDeadline();
  void progressingReasons();
  void rollbackIsFoundNewReplicaSet();
  void deadline();
  void noDeadline();
  void availableCondition();
  void replicaFailureIsPassedOn();
  void recreateWaitsForTheLastOldPod();
  void rollover();
  void unavailableOldPodsGoFirst();
  void terminatingPodsAreNotCounted();
  void surplusStillCounts();
  void podsThatWereAboutToGoAreKept();
  void scalingDownKeepsWhatIsAvailable_data();
  void scalingDownKeepsWhatIsAvailable();
  void minReadySecondsIsWaitedFor();
  void deletedDeploymentGetsNoActions();
  void annotationsAreCopied();
};

void TstDeployment::fencePosts_data() {
  QTest::addColumn<int>("replicas");
  QTest::addColumn<int>("surge");
  QTest::addColumn<int>("unavailable");
  const int rows[][3] = {{1, 1, 0}, {2, 1, 0},  {3, 1, 0},  {4, 1, 1},    {5, 2, 1},
                         {7, 2, 1}, {10, 3, 2}, {25, 7, 6}, {100, 25, 25}};
  for (const auto& row : rows) {
    QTest::addRow("25%% of %d replicas", row[0]) << row[0] << row[1] << row[2];
  }
}

void TstDeployment::fencePosts() {
  QFETCH(int, replicas);
  schema::DeploymentSpec spec;
  spec.set_replicas(replicas);
  QTEST(resolveFencePosts(spec).surge, "surge");
  QTEST(resolveFencePosts(spec).unavailable, "unavailable");
}

void TstDeployment::fencePostsOfSpec_data() {
  QTest::addColumn<int>("replicas");
  QTest::addColumn<QByteArray>("maxSurge");
  QTest::addColumn<QByteArray>("maxUnavailable");
  QTest::addColumn<int>("surge");
  QTest::addColumn<int>("unavailable");
  QTest::newRow("numbers are taken as they are")
      << 10 << QByteArray("3") << QByteArray("2") << 3 << 2;
  QTest::newRow("surge rounds up") << 10 << QByteArray("1%") << QByteArray("0") << 1 << 0;
  QTest::newRow("unavailable rounds down") << 10 << QByteArray("1") << QByteArray("19%") << 1 << 1;
  QTest::newRow("both zero give unavailable 1")
      << 2 << QByteArray("0") << QByteArray("1%") << 0 << 1;
  QTest::newRow("more than all may surge") << 3 << QByteArray("200%") << QByteArray("0") << 6 << 0;
}

void TstDeployment::fencePostsOfSpec() {
  QFETCH(int, replicas);
  QFETCH(QByteArray, maxSurge);
  QFETCH(QByteArray, maxUnavailable);
  schema::DeploymentSpec spec;
  spec.set_replicas(replicas);
  auto& rolling = *spec.mutable_strategy()->mutable_rolling_update();
  *rolling.mutable_max_surge() = bound(maxSurge.constData());
  *rolling.mutable_max_unavailable() = bound(maxUnavailable.constData());
  QTEST(resolveFencePosts(spec).surge, "surge");
  QTEST(resolveFencePosts(spec).unavailable, "unavailable");
}

void TstDeployment::orderOfSteps_data() {
  QTest::addColumn<int>("replicas");
  QTest::addColumn<QByteArray>("unavailable");
  QTest::addColumn<QByteArray>("surge");
  QTest::addColumn<QByteArray>("steps");
  QTest::newRow("2 replicas, unavailable 1%, surge 0")
      << 2 << QByteArray("1%") << QByteArray("0") << QByteArray("old-1 new+1 old-1 new+1");
  QTest::newRow("2 replicas, unavailable 25%, surge 1%")
      << 2 << QByteArray("25%") << QByteArray("1%") << QByteArray("new+1 old-1 new+1 old-1");
  QTest::newRow("1 replica, unavailable 0%, surge 1%")
      << 1 << QByteArray("0%") << QByteArray("1%") << QByteArray("new+1 old-1");
}

void TstDeployment::orderOfSteps() {
  QFETCH(int, replicas);
  QFETCH(QByteArray, unavailable);
  QFETCH(QByteArray, surge);
  RolloutModel model(replicas);
  model.setBounds(surge.toStdString(), unavailable.toStdString());
  QVERIFY(model.settle());
  model.setImage("front:2");
  QByteArrayList steps;
  for (int i = 0; i < 40; ++i) {
    const int oldBefore = model.sizeOf("front:1");
    const int newBefore = std::max(0, model.sizeOf("front:2"));
    model.stepDeployment();
    const int oldChange = model.sizeOf("front:1") - oldBefore;
    const int newChange = std::max(0, model.sizeOf("front:2")) - newBefore;
    if (oldChange != 0) steps << "old" + QByteArray::number(oldChange);
    if (newChange != 0) steps << "new+" + QByteArray::number(newChange);
    model.stepReplicaSets();
    model.eraseGone();
    model.startPods();
  }
  QTEST(steps.join(' '), "steps");
}

void TstDeployment::stuckRolloutThenScale() {
  RolloutModel model(10);
  model.setBounds("3", "2");
  QVERIFY(model.settle());
  model.setImage("front:broken");
  QVERIFY(model.settle());
  QCOMPARE(model.sizeOf("front:broken"), 5);
  QCOMPARE(model.sizeOf("front:1"), 8);
  QCOMPARE(model.activePods(), 13);
  QCOMPARE(model.availablePods(), 8);

  model.setReplicas(15);
  QVERIFY(model.settle());
  QCOMPARE(model.sizeOf("front:broken"), 7);
  QCOMPARE(model.sizeOf("front:1"), 11);
  QCOMPARE(model.activePods(), 18);

  // AT-DEP-13: no rollback of its own; the next template goes through.
  model.setImage("front:3");
  QVERIFY(model.settle());
  QCOMPARE(model.sizeOf("front:3"), 15);
  QCOMPARE(model.activePods(), 15);
}

void TstDeployment::scaleInProportionSkipsEmptySets() {
  RolloutModel model(10);
  model.setBounds("3", "2");
  QVERIFY(model.settle());
  model.setImage("front:2");
  QVERIFY(model.settle());
  model.setImage("front:broken");
  QVERIFY(model.settle());
  QCOMPARE(model.sizeOf("front:1"), 0);
  model.setReplicas(5);
  QVERIFY(model.stepDeployment());
  QCOMPARE(model.sizeOf("front:1"), 0);
  // Most is now 8: 8 * 8/13 = 4.9 and 5 * 8/13 = 3.1.
  QCOMPARE(model.sizeOf("front:2"), 5);
  QCOMPARE(model.sizeOf("front:broken"), 3);
}

void TstDeployment::onlyATemplateChangeIsARollout() {
  RolloutModel model(3);
  QVERIFY(model.settle());
  model.setReplicas(6);
  QVERIFY(model.settle());
  QCOMPARE(model.sets.size(), 1u);
  QCOMPARE(model.sizeOf("front:1"), 6);
  QCOMPARE(annotation(model.setOf("front:1"), kDesiredReplicas), std::string("6"));
  QCOMPARE(annotation(model.setOf("front:1"), kMaxReplicas), std::string("8"));
  QCOMPARE(annotation(model.setOf("front:1"), kRevision), std::string("1"));
}

void TstDeployment::namesAndLabels() {
  RolloutModel model(1);
  model.stepDeployment();
  QCOMPARE(model.sets.size(), 1u);
  const schema::ReplicaSet& set = model.sets.begin()->second;
  const std::string hash = set.metadata().labels().at(kTemplateHashLabel);
  QCOMPARE(set.metadata().name(), "front-" + hash);
  QCOMPARE(set.metadata().namespace_(), std::string("shop"));
  QCOMPARE(set.spec().selector().match_labels().at(kTemplateHashLabel), hash);
  QCOMPARE(set.spec().selector().match_labels().at("app"), std::string("front"));
  QCOMPARE(set.spec().template_().metadata().labels().at(kTemplateHashLabel), hash);
  QCOMPARE(set.metadata().owner_references(0).uid(), std::string("deployment-uid"));
  QVERIFY(set.metadata().owner_references(0).controller());

  RolloutModel other(5);
  other.stepDeployment();
  QCOMPARE(other.sets.begin()->first, model.sets.begin()->first);
}

void TstDeployment::collisionGetsAnotherName() {
  RolloutModel model(1);
  model.stepDeployment();
  // Another template under the name that the hash gives.
  schema::ReplicaSet& set = model.sets.begin()->second;
  const std::string name = set.metadata().name();
  set.mutable_spec()->mutable_template_()->mutable_spec()->mutable_containers(0)->set_image("else");
  model.stepDeployment();
  QCOMPARE(model.sets.size(), 2u);
  QCOMPARE(model.deployment.status().collision_count(), 1);
  QVERIFY(model.setOf("front:1")->metadata().name() != name);
  QVERIFY(model.settle());
  QCOMPARE(model.sets.size(), 2u);
  QCOMPARE(model.deployment.status().collision_count(), 1);
}

void TstDeployment::revisionsRiseAndARollbackReusesTheOldSet() {
  RolloutModel model(2);
  QVERIFY(model.settle());
  const std::string first = model.setOf("front:1")->metadata().uid();
  model.setImage("front:2");
  QVERIFY(model.settle());
  QCOMPARE(annotation(model.setOf("front:2"), kRevision), std::string("2"));
  QCOMPARE(model.deployment.status().revision(), 2);

  model.setImage("front:1");
  QVERIFY(model.settle());
  QCOMPARE(model.sets.size(), 2u);
  const schema::ReplicaSet* set = model.setOf("front:1");
  QCOMPARE(set->metadata().uid(), first);
  QCOMPARE(set->spec().replicas(), 2);
  QCOMPARE(annotation(set, kRevision), std::string("3"));
  QCOMPARE(annotation(set, kRevisionHistory), std::string("1"));
  QCOMPARE(model.deployment.status().revision(), 3);
}

void TstDeployment::historyLimit_data() {
  QTest::addColumn<int>("limit");
  QTest::addColumn<int>("setsLeft");
  QTest::newRow("not set: ten old ones are kept") << -1 << 11;
  QTest::newRow("two old ones are kept") << 2 << 3;
  QTest::newRow("none is kept") << 0 << 1;
  QTest::newRow("all are kept") << 2147483647 << 15;
}

void TstDeployment::historyLimit() {
  QFETCH(int, limit);
  RolloutModel model(2);
  if (limit >= 0) model.deployment.mutable_spec()->set_revision_history_limit(limit);
  for (int i = 1; i <= 15; ++i) {
    model.setImage("front:" + std::to_string(i));
    QVERIFY(model.settle());
  }
  QTEST(static_cast<int>(model.sets.size()), "setsLeft");
  QVERIFY(model.setOf("front:15") != nullptr);
  if (limit == 2) QVERIFY(model.setOf("front:13") != nullptr);
}

void TstDeployment::revisionNumberSurvivesForgottenSets() {
  RolloutModel model(1);
  model.deployment.mutable_spec()->set_revision_history_limit(0);
  for (int i = 1; i <= 3; ++i) {
    model.setImage("front:" + std::to_string(i));
    QVERIFY(model.settle());
  }
  QCOMPARE(annotation(model.setOf("front:3"), kRevision), std::string("3"));
  model.sets.clear();
  model.pods.clear();
  QVERIFY(model.settle());
  QCOMPARE(annotation(model.setOf("front:3"), kRevision), std::string("4"));
}

void TstDeployment::pause_data() {
  QTest::addColumn<bool>("byPerson");
  QTest::newRow("by the manifest") << false;
  QTest::newRow("by a person") << true;
}

void TstDeployment::pause() {
  QFETCH(bool, byPerson);
  RolloutModel model(3);
  QVERIFY(model.settle());
  const auto setPaused = [&](bool isPaused) {
    if (byPerson) {
      model.deployment.mutable_status()->set_paused_by(isPaused ? "ann" : "");
    } else {
      model.deployment.mutable_spec()->set_paused(isPaused);
    }
  };
  setPaused(true);
  model.setImage("front:2");
  QVERIFY(model.settle());
  model.setImage("front:3");
  QVERIFY(model.settle());
  QCOMPARE(model.sets.size(), 1u);
  QCOMPARE(model.reasonOf("Progressing"), std::string("Unknown DeploymentPaused"));
  model.setReplicas(5);
  QVERIFY(model.settle());
  QCOMPARE(model.sizeOf("front:1"), 5);

  setPaused(false);
  model.stepDeployment();
  QVERIFY(model.settle());
  // One rollout with all changes that came meanwhile.
  QCOMPARE(model.sets.size(), 2u);
  QCOMPARE(model.sizeOf("front:3"), 5);
  QCOMPARE(model.reasonOf("Progressing"), std::string("True NewReplicaSetAvailable"));
}

void TstDeployment::pausedScalesInProportion() {
  RolloutModel model(10);
  model.setBounds("3", "2");
  QVERIFY(model.settle());
  model.setImage("front:broken");
  QVERIFY(model.settle());
  model.deployment.mutable_spec()->set_paused(true);
  QVERIFY(model.settle());
  QCOMPARE(model.sizeOf("front:1"), 8);
  QCOMPARE(model.sizeOf("front:broken"), 5);
  model.setReplicas(15);
  QVERIFY(model.settle());
  QCOMPARE(model.sizeOf("front:1"), 11);
  QCOMPARE(model.sizeOf("front:broken"), 7);
}

void TstDeployment::pauseStopsTheDeadline() {
  RolloutModel model(1);
  model.setImage("front:broken");
  QVERIFY(model.settle());
  model.deployment.mutable_spec()->set_paused(true);
  model.stepDeployment();
  QVERIFY(!model.plan().revisitAt);
  model.now += 2h;
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Progressing"), std::string("Unknown DeploymentPaused"));
  model.deployment.mutable_spec()->set_paused(false);
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Progressing"), std::string("Unknown DeploymentResumed"));
  QVERIFY(model.plan().revisitAt == model.now + 600s);
}

void TstDeployment::progressingReasons() {
  RolloutModel model(1);
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Progressing"), std::string("True NewReplicaSetCreated"));
  model.stepReplicaSets();
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Progressing"), std::string("True ReplicaSetUpdated"));
  model.startPods();
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Progressing"), std::string("True NewReplicaSetAvailable"));
  // It stays so, although availability changes.
  model.setReady(model.pods.begin()->second, false);
  model.now += 2h;
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Progressing"), std::string("True NewReplicaSetAvailable"));
  QCOMPARE(model.reasonOf("Available"), std::string("False MinimumReplicasUnavailable"));
}

void TstDeployment::rollbackIsFoundNewReplicaSet() {
  RolloutModel model(1);
  QVERIFY(model.settle());
  model.setImage("front:2");
  QVERIFY(model.settle());
  model.setImage("front:1");
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Progressing"), std::string("True FoundNewReplicaSet"));
  QVERIFY(model.plan().revisitAt == model.now + 600s);
}

void TstDeployment::deadline() {
  RolloutModel model(2);
  QVERIFY(model.settle());
  model.deployment.mutable_spec()->set_progress_deadline_seconds(60);
  model.setImage("front:broken");
  QVERIFY(model.settle());
  const auto due = model.plan().revisitAt;
  QVERIFY(due.has_value());
  model.now = *due - 1ms;
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Progressing"), std::string("True ReplicaSetUpdated"));
  model.now = *due;
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Progressing"), std::string("False ProgressDeadlineExceeded"));
  QVERIFY(!model.plan().revisitAt);
  // No rollback of its own, and it goes on when it can.
  QCOMPARE(model.sizeOf("front:broken"), 1);
  model.startPods("nothing is broken");
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Progressing"), std::string("True ReplicaSetUpdated"));
}

void TstDeployment::noDeadline() {
  RolloutModel model(2);
  model.deployment.mutable_spec()->set_progress_deadline_seconds(2147483647);
  model.setImage("front:broken");
  QVERIFY(model.settle());
  QVERIFY(!model.plan().revisitAt);
  QCOMPARE(model.reasonOf("Progressing"), std::string());
}

void TstDeployment::availableCondition() {
  RolloutModel model(4);
  QVERIFY(model.settle());
  QCOMPARE(model.reasonOf("Available"), std::string("True MinimumReplicasAvailable"));
  const base::Timestamp since =
      base::fromUnixMs(model.condition("Available")->last_transition_time().unix_ms());
  // One of four may be missing.
  model.setReady(model.pods.begin()->second, false);
  model.now += 10s;
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Available"), std::string("True MinimumReplicasAvailable"));
  QVERIFY(base::fromUnixMs(model.condition("Available")->last_transition_time().unix_ms()) ==
          since);
  QCOMPARE(model.deployment.status().unavailable_replicas(), 1);
  model.setReady(std::next(model.pods.begin())->second, false);
  model.stepDeployment();
  QCOMPARE(model.reasonOf("Available"), std::string("False MinimumReplicasUnavailable"));
}

void TstDeployment::replicaFailureIsPassedOn() {
  RolloutModel model(1);
  model.stepDeployment();
  schema::Condition& failure = *model.sets.begin()->second.mutable_status()->add_conditions();
  failure.set_type("ReplicaFailure");
  failure.set_status("True");
  failure.set_reason("FailedCreate");
  model.stepDeployment();
  QCOMPARE(model.reasonOf("ReplicaFailure"), std::string("True FailedCreate"));
  model.sets.begin()->second.mutable_status()->clear_conditions();
  model.stepDeployment();
  QCOMPARE(model.reasonOf("ReplicaFailure"), std::string());
}

void TstDeployment::recreateWaitsForTheLastOldPod() {
  RolloutModel model(3);
  model.deployment.mutable_spec()->mutable_strategy()->set_type("Recreate");
  QVERIFY(model.settle());
  model.setImage("front:2");
  model.stepDeployment();
  QCOMPARE(model.sizeOf("front:1"), 0);
  QCOMPARE(model.sizeOf("front:2"), -1);
  model.stepReplicaSets();
  for (int i = 0; i < 3; ++i) {
    model.stepDeployment();
    QCOMPARE(model.sizeOf("front:2"), -1);
    model.pods.erase(model.pods.begin());
  }
  model.stepDeployment();
  QCOMPARE(model.sizeOf("front:2"), 3);
  QVERIFY(model.settle());
  QCOMPARE(model.reasonOf("Progressing"), std::string("True NewReplicaSetAvailable"));
}

void TstDeployment::rollover() {
  RolloutModel model(10);
  QVERIFY(model.settle());
  model.setImage("front:broken");
  QVERIFY(model.settle());
  QCOMPARE(model.sizeOf("front:broken"), 5);
  model.setImage("front:3");
  // The half-rolled one has nothing available: it makes room at once, before the working one.
  model.stepDeployment();
  QCOMPARE(model.sizeOf("front:3"), 0);
  QCOMPARE(model.sizeOf("front:broken"), 0);
  QCOMPARE(model.sizeOf("front:1"), 8);
  QVERIFY(model.settle());
  QCOMPARE(model.sizeOf("front:3"), 10);
}

void TstDeployment::unavailableOldPodsGoFirst() {
  RolloutModel model(4);
  model.setBounds("0", "1");
  QVERIFY(model.settle());
  const std::string sick = std::next(model.pods.begin(), 2)->first;
  model.setReady(model.pods.at(sick), false);
  model.setImage("front:2");
  model.stepDeployment();
  QCOMPARE(model.sizeOf("front:1"), 3);
  model.stepReplicaSets();
  QVERIFY(model.pods.at(sick).deletedAt.has_value());
  QCOMPARE(model.availablePods(), 3);
}

void TstDeployment::terminatingPodsAreNotCounted() {
  RolloutModel model(2);
  model.setBounds("0", "1");
  QVERIFY(model.settle());
  model.setImage("front:2");
  model.stepDeployment();
  model.stepReplicaSets();
  // The old pod is still there, but told to go: the new one may come.
  QCOMPARE(model.pods.size(), 2u);
  model.stepDeployment();
  QCOMPARE(model.deployment.status().replicas(), 1);
  QCOMPARE(model.sizeOf("front:2"), 1);
}

void TstDeployment::surplusStillCounts() {
  RolloutModel model(2);
  model.setBounds("0", "1");
  QVERIFY(model.settle());
  model.setImage("front:2");
  model.stepDeployment();
  QCOMPARE(model.sizeOf("front:1"), 1);
  // Its ReplicaSet has not told a pod to go yet.
  model.stepDeployment();
  QCOMPARE(model.sizeOf("front:2"), 0);
}

void TstDeployment::podsThatWereAboutToGoAreKept() {
  RolloutModel model(2);
  model.setBounds("1", "0");
  QVERIFY(model.settle());
  model.setReplicas(0);
  model.stepDeployment();
  // Its pods are all still there when two are wanted again.
  model.setReplicas(2);
  model.stepDeployment();
  QCOMPARE(model.sizeOf("front:1"), 2);
  model.stepReplicaSets();
  QCOMPARE(model.availablePods(), 2);
  QCOMPARE(model.activePods(), 2);
}

void TstDeployment::scalingDownKeepsWhatIsAvailable_data() {
  QTest::addColumn<int>("from");
  QTest::addColumn<int>("to");
  QTest::newRow("a little") << 4 << 3;
  QTest::newRow("a lot") << 10 << 4;
}

// In proportion, the pods that work would be taken as well.
void TstDeployment::scalingDownKeepsWhatIsAvailable() {
  QFETCH(int, from);
  QFETCH(int, to);
  RolloutModel model(from);
  model.setBounds("2", "1");
  QVERIFY(model.settle());
  model.setImage("front:broken");
  QVERIFY(model.settle());
  model.setBounds("2", "0");
  model.setReplicas(to);
  while (model.stepDeployment() || model.stepReplicaSets()) {
    QVERIFY(model.availablePods() >= to);
  }
  QCOMPARE(model.activePods(), to + 2);
}

void TstDeployment::minReadySecondsIsWaitedFor() {
  RolloutModel model(1);
  model.deployment.mutable_spec()->set_min_ready_seconds(30);
  QVERIFY(model.settle());
  model.now += 30s;
  QVERIFY(model.settle());
  model.setImage("front:2");
  model.stepDeployment();
  model.stepReplicaSets();
  model.startPods();
  const base::Timestamp readyAt = model.now;
  model.stepDeployment();
  QCOMPARE(model.sizeOf("front:1"), 1);
  QVERIFY(model.plan().revisitAt == readyAt + 30s);
  model.now = readyAt + 30s;
  model.stepDeployment();
  QCOMPARE(model.sizeOf("front:1"), 0);
}

void TstDeployment::deletedDeploymentGetsNoActions() {
  RolloutModel model(3);
  QVERIFY(model.settle());
  model.setImage("front:2");
  model.deployment.mutable_metadata()->mutable_deletion_timestamp()->set_unix_ms(1);
  const DeploymentPlan plan = model.plan();
  QVERIFY(plan.actions.empty());
  QCOMPARE(plan.status.replicas(), 3);
}

void TstDeployment::annotationsAreCopied() {
  RolloutModel model(1);
  auto& annotations = *model.deployment.mutable_metadata()->mutable_annotations();
  annotations["kubernetes.io/change-cause"] = "new front";
  annotations["gantry.dev/application"] = "shop";
  QVERIFY(model.settle());
  QCOMPARE(annotation(model.setOf("front:1"), "kubernetes.io/change-cause"),
           std::string("new front"));
  QCOMPARE(annotation(model.setOf("front:1"), "gantry.dev/application"), std::string());
}

QTEST_GUILESS_MAIN(TstDeployment)
#include "tst_deployment.moc"
