// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/workloads/deployment.h"

using namespace gantry;
using namespace gantry::workloads;

namespace {

using Phase = RolloutState::Phase;

/// 3 replicas, all there and ready.
schema::Deployment complete() {
  schema::Deployment deployment;
  deployment.mutable_metadata()->set_generation(2);
  deployment.mutable_spec()->set_replicas(3);
  schema::DeploymentStatus& status = *deployment.mutable_status();
  status.set_observed_generation(2);
  status.set_replicas(3);
  status.set_updated_replicas(3);
  status.set_available_replicas(3);
  return deployment;
}

schema::PodStatus withCondition(const char* type, const char* message) {
  schema::PodStatus status;
  schema::Condition& condition = *status.add_conditions();
  condition.set_type(type);
  condition.set_status("False");
  condition.set_message(message);
  return status;
}

schema::PodStatus waiting(const char* reason, const char* message = "") {
  schema::PodStatus status;
  schema::ContainerStatus& container = *status.add_container_statuses();
  container.set_name("web");
  container.mutable_state()->mutable_waiting()->set_reason(reason);
  container.mutable_state()->mutable_waiting()->set_message(message);
  return status;
}

schema::PodStatus crashing(int exitCode, const char* reason) {
  schema::PodStatus status = waiting("CrashLoopBackOff", "back-off 20s");
  schema::ContainerStatus& container = *status.mutable_container_statuses(0);
  container.set_restart_count(4);
  container.mutable_last_state()->mutable_terminated()->set_exit_code(exitCode);
  container.mutable_last_state()->mutable_terminated()->set_reason(reason);
  return status;
}

schema::PodStatus ended(int exitCode, const std::string& message = "") {
  schema::PodStatus status;
  schema::ContainerStatus& container = *status.add_init_container_statuses();
  container.set_name("migrate");
  container.mutable_state()->mutable_terminated()->set_exit_code(exitCode);
  container.mutable_state()->mutable_terminated()->set_message(message);
  return status;
}

}  // namespace

/// AT-DEP-15 and 16, and the reasons that people read.
class TstRolloutState : public QObject {
  Q_OBJECT

 private slots:
  void failures_data();
  void failures();
  void phases();
  void namesTheFirstPodThatFailed();
  void deadlineOfAnOlderChangeDoesNotCount();
};

void TstRolloutState::failures_data() {
  QTest::addColumn<schema::PodStatus>("status");
  QTest::addColumn<QString>("text");
  QTest::newRow("nothing failed") << schema::PodStatus() << "";
  QTest::newRow("it is starting") << waiting("ContainerCreating") << "";
  QTest::newRow("no node fits") << withCondition("PodScheduled", "0 of 3 nodes fit: 3 cordoned")
                                << "cannot be scheduled: 0 of 3 nodes fit: 3 cordoned";
  QTest::newRow("the image cannot be pulled")
      << waiting("ImagePullBackOff", "shop/front:9: not found")
      << "web: ImagePullBackOff: shop/front:9: not found";
  QTest::newRow("it crashes") << crashing(3, "Error")
                              << "web: CrashLoopBackOff: exit code 3, 4 restarts";
  QTest::newRow("it is out of memory")
      << crashing(137, "OOMKilled")
      << "web: CrashLoopBackOff: OOMKilled, exit code 137, 4 restarts";
  QTest::newRow("an init container ended badly") << ended(1) << "migrate: exit code 1";
  QTest::newRow("an init container ended well") << ended(0) << "";
  QTest::newRow("of what it has left, the last line")
      << ended(1, "at row 7\nno column price") << "migrate: exit code 1, no column price";
  const std::string umlauts = std::string(199, 'a') + "ää";
  QTest::newRow("not too much of it")
      << ended(1, umlauts) << QString("migrate: exit code 1, %1…").arg(QString(199, 'a'));
  QTest::newRow("a probe fails") << withCondition("Ready", "readiness probe: HTTP 503")
                                 << "readiness probe: HTTP 503";
  QTest::newRow("a ConfigMap is missing")
      << waiting("CreateContainerConfigError", "ConfigMap front not found")
      << "web: CreateContainerConfigError: ConfigMap front not found";
}

void TstRolloutState::failures() {
  QFETCH(schema::PodStatus, status);
  QTEST(QString::fromStdString(failureOf(status)), "text");
}

void TstRolloutState::phases() {
  schema::Deployment deployment = complete();
  const auto expect = [&](Phase phase, const char* message) {
    const RolloutState state = rolloutState(deployment, {});
    QCOMPARE(state.message, std::string(message));
    QVERIFY(state.phase == phase);
  };
  schema::DeploymentStatus& status = *deployment.mutable_status();
  expect(Phase::kComplete, "3 replicas are ready");
  status.set_available_replicas(2);
  expect(Phase::kProgressing, "2 of 3 new replicas are ready");
  status.set_replicas(4);
  expect(Phase::kProgressing, "1 old replicas are still to go");
  status.set_updated_replicas(1);
  expect(Phase::kProgressing, "1 of 3 new replicas are created");
  status.set_observed_generation(1);
  expect(Phase::kProgressing, "the change is not looked at yet");
  status.set_paused_by("ann");
  status.set_paused_reason("wait for the sale");
  expect(Phase::kPaused, "paused by ann: wait for the sale");
}

void TstRolloutState::namesTheFirstPodThatFailed() {
  schema::Deployment deployment = complete();
  deployment.mutable_status()->set_available_replicas(2);
  schema::Condition& condition = *deployment.mutable_status()->add_conditions();
  condition.set_type("Progressing");
  condition.set_status("False");
  condition.set_reason("ProgressDeadlineExceeded");
  const schema::PodStatus fine;
  const schema::PodStatus failing = withCondition("Ready", "readiness probe: HTTP 503");
  const RolloutState state =
      rolloutState(deployment, {{"front-a", fine}, {"front-b", failing}, {"front-c", failing}});
  QVERIFY(state.phase == Phase::kFailed);
  QCOMPARE(state.message,
           std::string("no progress within the deadline: 2 of 3 new replicas are ready: front-b: "
                       "readiness probe: HTTP 503"));
}

void TstRolloutState::deadlineOfAnOlderChangeDoesNotCount() {
  schema::Deployment deployment = complete();
  deployment.mutable_metadata()->set_generation(3);
  schema::Condition& condition = *deployment.mutable_status()->add_conditions();
  condition.set_type("Progressing");
  condition.set_reason("ProgressDeadlineExceeded");
  QVERIFY(rolloutState(deployment, {}).phase == Phase::kProgressing);
}

QTEST_GUILESS_MAIN(TstRolloutState)
#include "tst_rollout_state.moc"
