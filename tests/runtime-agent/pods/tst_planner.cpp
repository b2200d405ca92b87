// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "runtime-agent/pods/observe.h"
#include "runtime-agent/pods/planner.h"
#include "runtime-agent/pods/pod_status.h"

using namespace gantry;
using namespace gantry::agent;
using namespace std::chrono_literals;

namespace {

const base::Instant kNow{1h};
const base::Timestamp kWallNow = base::fromUnixMs(1'767'225'600'000);

/// What is seen, in a few letters: "ready", "dead" for the sandbox; then a letter a container, the
/// newest last: c(reated), r(unning), 0 or 1 (exit code), u(nknown).
PodRecord recordOf(const QString& sandbox, const QString& main, const QString& policy) {
  PodRecord record;
  record.wanted = true;
  record.pod.mutable_metadata()->set_uid("uid");
  record.pod.mutable_spec()->set_restart_policy(policy.toStdString());
  record.pod.mutable_spec()->add_containers()->set_name("main");
  if (!sandbox.isEmpty()) {
    SeenSandbox seen;
    seen.id = "s0";
    seen.ready = sandbox == "ready";
    record.sandboxes.push_back(seen);
  }
  for (int i = 0; i < main.size(); ++i) {
    SeenContainer seen;
    seen.id = absl::StrCat("c", i);
    seen.sandboxId = "s0";
    seen.name = "main";
    seen.attempt = static_cast<std::uint32_t>(i);
    const char letter = main[i].toLatin1();
    seen.phase = letter == 'c'   ? ContainerPhase::kCreated
                 : letter == 'r' ? ContainerPhase::kRunning
                 : letter == 'u' ? ContainerPhase::kUnknown
                                 : ContainerPhase::kExited;
    if (letter == '1') seen.exitCode = 1;
    record.containers.insert(record.containers.begin(), seen);
  }
  notice(record, kNow, kWallNow);
  return record;
}

QString describe(const Action& action) {
  const auto text = [](const auto& each) -> std::string {
    using T = std::decay_t<decltype(each)>;
    if constexpr (std::is_same_v<T, RunSandbox>) return absl::StrCat("sandbox ", each.attempt);
    if constexpr (std::is_same_v<T, StartContainer>) {
      return absl::StrCat("start ", each.name, " ", each.attempt,
                          each.containerId.empty() ? "" : " " + each.containerId);
    }
    if constexpr (std::is_same_v<T, StopContainer>) return "stop " + each.containerId;
    if constexpr (std::is_same_v<T, StopSandbox>) return "stop sandbox " + each.sandboxId;
    if constexpr (std::is_same_v<T, RemoveSandbox>) return "remove sandbox " + each.sandboxId;
    if constexpr (std::is_same_v<T, RemoveContainer>) return "remove " + each.containerId;
    if constexpr (std::is_same_v<T, Forget>) return "forget";
  };
  return QString::fromStdString(std::visit(text, action));
}

QString describe(const PodPlan& plan) {
  QStringList all;
  for (const Action& each : plan.actions) all << describe(each);
  return all.join(", ");
}

}  // namespace

class TstPlanner : public QObject {
  Q_OBJECT

 private slots:
  void decides_data();
  void decides();
  void waitsForABackOff();
  void doesNothingToWhatIsBusyOrUnclear();
  void newAttemptsNeverRepeat();
  void actionsNeverCollide();
};

void TstPlanner::decides_data() {
  QTest::addColumn<QString>("sandbox");
  QTest::addColumn<QString>("main");
  QTest::addColumn<QString>("policy");
  QTest::addColumn<bool>("stop");
  QTest::addColumn<QString>("plan");
  const auto row = [](const char* name, const char* sandbox, const char* main, const char* policy,
                      bool stop, const char* plan) {
    QTest::newRow(name) << sandbox << main << policy << stop << plan;
  };
  row("nothing is there", "", "", "Always", false, "sandbox 0");
  row("a sandbox is there", "ready", "", "Always", false, "start main 0");
  row("a container was made", "ready", "c", "Always", false, "start main 0 c0");
  row("it runs", "ready", "r", "Always", false, "");
  row("it failed, Always", "ready", "1", "Always", false, "start main 1");
  row("it succeeded, Always", "ready", "0", "Always", false, "start main 1");
  row("it failed, OnFailure", "ready", "1", "OnFailure", false, "start main 1");
  row("it succeeded, OnFailure", "ready", "0", "OnFailure", false, "stop sandbox s0");
  row("it failed, Never", "ready", "1", "Never", false, "stop sandbox s0");
  row("its state is unknown", "ready", "u", "Always", false, "stop c0");
  row("many have ended", "ready", "111r", "Always", false, "remove c1");
  row("the sandbox died, the container runs on", "dead", "r", "Always", false, "stop c0");
  row("the sandbox died with its container", "dead", "1", "Always", false, "stop sandbox s0");
  row("the sandbox died, Never", "dead", "1", "Never", false, "stop sandbox s0");
  row("to stop: it runs", "ready", "r", "Always", true, "stop c0");
  row("to stop: it has ended", "ready", "1", "Always", true, "stop sandbox s0");
  row("to stop: it was only made", "ready", "c", "Always", true, "stop sandbox s0");
  row("to stop: nothing is there", "", "", "Always", true, "forget");
}

void TstPlanner::decides() {
  QFETCH(QString, sandbox);
  QFETCH(QString, main);
  QFETCH(QString, policy);
  QFETCH(bool, stop);
  PodRecord record = recordOf(sandbox, main, policy);
  record.stop = stop;
  QTEST(describe(planPod(record, kNow)), "plan");
}

void TstPlanner::waitsForABackOff() {
  PodRecord record = recordOf("ready", "1", "Always");
  record.byName["main"].restarts.restarted(kNow);
  record.byName["main"].restarts.ended(kNow);
  const PodPlan plan = planPod(record, kNow);
  QVERIFY(plan.actions.empty());
  QVERIFY(plan.revisitAt == kNow + 10s);
  QCOMPARE(describe(planPod(record, kNow + 10s)), QString("start main 1"));
}

void TstPlanner::doesNothingToWhatIsBusyOrUnclear() {
  PodRecord record = recordOf("ready", "1", "Always");
  record.busy["main"] = Work::kPulling;
  QVERIFY(planPod(record, kNow).actions.empty());
  record.busy.clear();
  record.unsure.insert("main");
  QVERIFY(planPod(record, kNow).actions.empty());
  record.unsure = {kSandboxKey};
  record.stop = true;
  QVERIFY(planPod(record, kNow).actions.empty());
}

void TstPlanner::newAttemptsNeverRepeat() {
  PodRecord record = recordOf("ready", "11", "Always");
  record.containers.clear();
  notice(record, kNow, kWallNow);
  QCOMPARE(describe(planPod(record, kNow)), QString("start main 2"));
}

/// No plan has two actions about one container, nor one about what is being worked on.
void TstPlanner::actionsNeverCollide() {
  for (unsigned seed = 1; seed <= 2'000; ++seed) {
    std::mt19937 random(seed);
    const QStringList sandboxes = {"", "ready", "dead"};
    const QStringList policies = {"Always", "OnFailure", "Never"};
    QString containers;
    for (unsigned i = random() % 5; i > 0; --i) containers += QString("cr01u")[random() % 5];
    PodRecord record = recordOf(sandboxes[random() % 3], containers, policies[random() % 3]);
    record.stop = random() % 3 == 0;
    if (random() % 4 == 0) record.busy["main"] = random() % 2 ? Work::kPulling : Work::kChanging;
    if (random() % 8 == 0) record.unsure.insert("main");
    const PodPlan plan = planPod(record, kNow);
    const QString what = QString("seed %1: %2").arg(seed).arg(describe(plan));
    int aboutMain = 0;
    int aboutSandbox = 0;
    for (const Action& each : plan.actions) {
      const bool sandbox =
          std::holds_alternative<RunSandbox>(each) || std::holds_alternative<StopSandbox>(each) ||
          std::holds_alternative<RemoveSandbox>(each) || std::holds_alternative<Forget>(each);
      ++(sandbox ? aboutSandbox : aboutMain);
    }
    QVERIFY2(aboutSandbox <= 1, qPrintable(what));
    QVERIFY2(!record.blocked("main") || aboutMain == 0, qPrintable(what));
    // A status never shows a pod as ready of which nothing runs.
    const schema::PodStatus status = buildStatus(record, "10.0.0.1", kNow, kWallNow);
    if (!containers.contains('r')) {
      QVERIFY2(!status.container_statuses(0).ready(), qPrintable(what));
    }
  }
}

QTEST_GUILESS_MAIN(TstPlanner)
#include "tst_planner.moc"
