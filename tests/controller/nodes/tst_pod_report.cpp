// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/nodes/pod_report.h"

using namespace gantry;
using model::Pod;
using model::PodPhase;

namespace {

void addCondition(schema::PodStatus& status, const char* type, const char* value) {
  schema::Condition& condition = *status.add_conditions();
  condition.set_type(type);
  condition.set_status(value);
}

Pod podIn(PodPhase phase) {
  auto status = std::make_shared<schema::PodStatus>();
  status->set_phase(model::phaseName(phase));
  addCondition(*status, "PodScheduled", "True");
  Pod pod;
  pod.phase = phase;
  pod.status = status;
  return pod;
}

}  // namespace

class TstPodReport : public QObject {
  Q_OBJECT

 private slots:
  void aPhaseOnlyRisesAndAnEndIsFinal_data() {
    QTest::addColumn<int>("before");
    QTest::addColumn<QString>("reported");
    QTest::addColumn<QString>("after");
    const int pending = int(PodPhase::kPending), running = int(PodPhase::kRunning);
    const int succeeded = int(PodPhase::kSucceeded), failed = int(PodPhase::kFailed);
    QTest::newRow("starts") << pending << "Running" << "Running";
    QTest::newRow("starts anew") << running << "Pending" << "Running";
    QTest::newRow("is not known") << running << "Unknown" << "Running";
    QTest::newRow("ends") << running << "Failed" << "Failed";
    QTest::newRow("ends before it was seen running") << pending << "Succeeded" << "Succeeded";
    QTest::newRow("runs after its end") << succeeded << "Running" << "Succeeded";
    QTest::newRow("fails after its end") << succeeded << "Failed" << "Succeeded";
    QTest::newRow("succeeds after it failed") << failed << "Succeeded" << "Failed";
  }
  void aPhaseOnlyRisesAndAnEndIsFinal() {
    QFETCH(int, before);
    QFETCH(QString, reported);
    QFETCH(QString, after);
    api::ObservedPod report;
    report.set_sequence(9);
    report.mutable_status()->set_phase(reported.toStdString());
    report.mutable_status()->set_message("new");
    const auto pod = nodes::withReport(podIn(static_cast<PodPhase>(before)), report);
    QVERIFY(pod);
    QCOMPARE(model::phaseName(pod->phase), after.toStdString());
    QCOMPARE(pod->status->phase(), after.toStdString());
    QCOMPARE(pod->reportSequence, 9u);
    QVERIFY2(model::findCondition(*pod->status, "PodScheduled"), "is the scheduler's");
  }

  void whatSaysNothingNewChangesNothing() {
    const Pod pod = podIn(PodPhase::kRunning);
    api::ObservedPod report;
    report.set_sequence(9);
    report.mutable_status()->set_phase("Running");
    QVERIFY(!nodes::withReport(pod, report));
  }

  void readinessIsTakenBackOnce() {
    Pod pod = podIn(PodPhase::kRunning);
    auto status = std::make_shared<schema::PodStatus>(*pod.status);
    addCondition(*status, "Ready", "True");
    addCondition(*status, "ContainersReady", "True");
    pod.status = status;
    const auto lost = nodes::withoutReadiness(pod, "NodeLost", "gone", base::fromUnixMs(7));
    QVERIFY(lost);
    QVERIFY(!model::isReady(*lost));
    QCOMPARE(model::findCondition(*lost->status, "Ready")->last_transition_time().unix_ms(), 7);
    QCOMPARE(model::findCondition(*lost->status, "ContainersReady")->status(), "False");
    QCOMPARE(model::findCondition(*lost->status, "PodScheduled")->status(), "True");
    QVERIFY(!nodes::withoutReadiness(*lost, "NodeLost", "gone", base::fromUnixMs(8)));
  }
};

QTEST_GUILESS_MAIN(TstPodReport)
#include "tst_pod_report.moc"
