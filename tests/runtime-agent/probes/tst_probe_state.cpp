// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/probes/probe_state.h"

#include <QTest>
#include <random>

using namespace gantry;
using namespace gantry::agent;
using std::chrono::seconds;

namespace {

constexpr base::Instant kStart{base::Duration(5'000)};

schema::Probe probe(int initialDelay, int period, int success, int failure) {
  schema::Probe probe;
  probe.set_initial_delay_seconds(initialDelay);
  probe.set_period_seconds(period);
  probe.set_success_threshold(success);
  probe.set_failure_threshold(failure);
  return probe;
}

// Tries what is due at `at`, which must be exactly `kind`, and answers it at once.
ProbeVerdict answer(ContainerProbes& probes, ProbeKind kind, ProbeOutcome outcome,
                    base::Instant at) {
  const std::vector<ProbeKind> due = probes.takeDue(at);
  if (due != std::vector{kind}) qFatal("another probe is due");
  return probes.finish(kind, outcome, at);
}

}  // namespace

class TstProbeState : public QObject {
  Q_OBJECT

 private slots:
  void withoutProbesTheContainerIsReadyAtOnce() {
    ContainerProbes probes({}, kStart);
    QVERIFY(probes.started());
    QVERIFY(probes.ready());
    QVERIFY(!probes.nextDue());
    QVERIFY(probes.takeDue(kStart + seconds(1'000)).empty());
  }

  void readinessWaitsForTheDelayAndTheThreshold() {
    schema::Container container;
    *container.mutable_readiness_probe() = probe(7, 3, 2, 3);
    ContainerProbes probes(container, kStart);
    QVERIFY(!probes.ready());
    QCOMPARE(*probes.nextDue(), kStart + seconds(7));
    QVERIFY(probes.takeDue(kStart + seconds(6)).empty());
    const auto ok = ProbeOutcome::kSuccess;
    QCOMPARE(answer(probes, ProbeKind::kReadiness, ok, kStart + seconds(7)), ProbeVerdict::kNone);
    QCOMPARE(*probes.nextDue(), kStart + seconds(10));
    QCOMPARE(answer(probes, ProbeKind::kReadiness, ok, kStart + seconds(10)),
             ProbeVerdict::kChanged);
    QVERIFY(probes.ready());
  }

  void readinessIsLostAfterThreeFailuresInARowAndKillsNothing() {
    schema::Container container;
    *container.mutable_readiness_probe() = probe(0, 1, 1, 3);
    ContainerProbes probes(container, kStart,
                           ContainerProbes::Known{.started = true, .ready = true});
    QVERIFY2(probes.ready(), "what was known before a restart of the agent stays (AT-PRB-08)");
    base::Instant now = kStart;
    const auto next = [&](ProbeOutcome outcome) {
      const auto verdict = answer(probes, ProbeKind::kReadiness, outcome, now);
      now += seconds(1);
      return verdict;
    };
    QCOMPARE(next(ProbeOutcome::kFailure), ProbeVerdict::kNone);
    QCOMPARE(next(ProbeOutcome::kFailure), ProbeVerdict::kNone);
    QCOMPARE(next(ProbeOutcome::kSuccess), ProbeVerdict::kNone);
    QCOMPARE(next(ProbeOutcome::kFailure), ProbeVerdict::kNone);
    QCOMPARE(next(ProbeOutcome::kFailure), ProbeVerdict::kNone);
    QVERIFY(probes.ready());
    QCOMPARE(next(ProbeOutcome::kFailure), ProbeVerdict::kChanged);
    QVERIFY(!probes.ready());
    QCOMPARE(next(ProbeOutcome::kFailure), ProbeVerdict::kNone);
    QCOMPARE(next(ProbeOutcome::kSuccess), ProbeVerdict::kChanged);
    QVERIFY(probes.ready());
  }

  void unknownCountsNeitherWay() {
    schema::Container container;
    *container.mutable_liveness_probe() = probe(0, 1, 1, 2);
    ContainerProbes probes(container, kStart);
    base::Instant now = kStart;
    QCOMPARE(answer(probes, ProbeKind::kLiveness, ProbeOutcome::kFailure, now),
             ProbeVerdict::kNone);
    for (int i = 0; i < 100; ++i) {
      now += seconds(1);
      QCOMPARE(answer(probes, ProbeKind::kLiveness, ProbeOutcome::kUnknown, now),
               ProbeVerdict::kNone);
    }
    now += seconds(1);
    QCOMPARE(answer(probes, ProbeKind::kLiveness, ProbeOutcome::kFailure, now),
             ProbeVerdict::kKill);
    QVERIFY2(!probes.nextDue(), "a container that is to be killed is left in peace");
  }

  void startupHoldsTheOthersBack() {
    schema::Container container;
    *container.mutable_startup_probe() = probe(0, 10, 1, 30);
    *container.mutable_liveness_probe() = probe(0, 1, 1, 1);
    *container.mutable_readiness_probe() = probe(0, 1, 1, 1);
    ContainerProbes probes(container, kStart);
    QCOMPARE(answer(probes, ProbeKind::kStartup, ProbeOutcome::kFailure, kStart),
             ProbeVerdict::kNone);
    QVERIFY(!probes.started());
    const base::Instant later = kStart + seconds(10);
    QVERIFY(probes.takeDue(kStart + seconds(9)).empty());
    QCOMPARE(answer(probes, ProbeKind::kStartup, ProbeOutcome::kSuccess, later),
             ProbeVerdict::kChanged);
    QVERIFY(probes.started());
    QVERIFY(!probes.ready());
    QCOMPARE(probes.takeDue(later), (std::vector{ProbeKind::kLiveness, ProbeKind::kReadiness}));
    QCOMPARE(probes.finish(ProbeKind::kReadiness, ProbeOutcome::kSuccess, later),
             ProbeVerdict::kChanged);
    QVERIFY(probes.ready());
    QCOMPARE(probes.finish(ProbeKind::kLiveness, ProbeOutcome::kSuccess, later),
             ProbeVerdict::kNone);
    QVERIFY2(probes.takeDue(later).empty(), "time spent waiting for the start is not made up for");
    QCOMPARE(*probes.nextDue(), later + seconds(1));
  }

  void startupThatNeverSucceedsKillsAfter300Seconds() {
    schema::Container container;
    *container.mutable_startup_probe() = probe(0, 10, 1, 30);
    ContainerProbes probes(container, kStart);
    int tries = 0;
    ProbeVerdict verdict = ProbeVerdict::kNone;
    base::Instant now = kStart;
    while (verdict == ProbeVerdict::kNone) {
      now = *probes.nextDue();
      verdict = answer(probes, ProbeKind::kStartup, ProbeOutcome::kFailure, now);
      ++tries;
    }
    QCOMPARE(verdict, ProbeVerdict::kKill);
    QCOMPARE(tries, 30);
    // The 30th try begins 290 s after the start and would have ended the 300 s of AT-PRB-05.
    QCOMPARE(now - kStart, base::Duration(seconds(290)));
  }

  void oneTryAtATimeAndTheNextAtOnceAfterALateOne() {
    schema::Container container;
    *container.mutable_liveness_probe() = probe(0, 2, 1, 3);
    ContainerProbes probes(container, kStart);
    QCOMPARE(probes.takeDue(kStart).size(), 1u);
    QVERIFY(!probes.nextDue());
    QVERIFY(probes.takeDue(kStart + seconds(5)).empty());
    probes.finish(ProbeKind::kLiveness, ProbeOutcome::kSuccess, kStart + seconds(5));
    QCOMPARE(*probes.nextDue(), kStart + seconds(5));
  }

  // Whatever the answers: ready only while started, verdicts tell of every change, and never a
  // kill without a failure.
  void propertiesHoldForAnyAnswers() {
    for (std::uint32_t seed = 1; seed <= 500; ++seed) {
      std::mt19937 random(seed);
      const auto draw = [&](int n) {
        return static_cast<int>(random() % static_cast<unsigned>(n));
      };
      schema::Container container;
      if (draw(2)) *container.mutable_startup_probe() = probe(draw(3), 1 + draw(3), 1, 1 + draw(4));
      if (draw(2))
        *container.mutable_liveness_probe() = probe(draw(3), 1 + draw(3), 1, 1 + draw(4));
      if (draw(2)) {
        *container.mutable_readiness_probe() =
            probe(draw(3), 1 + draw(3), 1 + draw(3), 1 + draw(4));
      }
      ContainerProbes probes(container, kStart);
      base::Instant now = kStart;
      for (int step = 0; step < 60 && probes.nextDue(); ++step) {
        now = std::max(now, *probes.nextDue());
        for (const ProbeKind kind : probes.takeDue(now)) {
          const bool before = probes.ready(), startedBefore = probes.started();
          const auto outcome = static_cast<ProbeOutcome>(draw(3));
          const ProbeVerdict verdict = probes.finish(kind, outcome, now);
          const bool changed = before != probes.ready() || startedBefore != probes.started();
          QVERIFY2(!changed || verdict == ProbeVerdict::kChanged,
                   qPrintable(QString::number(seed)));
          QVERIFY2(verdict != ProbeVerdict::kKill || outcome == ProbeOutcome::kFailure,
                   qPrintable(QString::number(seed)));
          QVERIFY2(!probes.ready() || probes.started(), qPrintable(QString::number(seed)));
        }
      }
    }
  }
};

QTEST_GUILESS_MAIN(TstProbeState)
#include "tst_probe_state.moc"
