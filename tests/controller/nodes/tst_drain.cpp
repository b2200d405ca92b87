// SPDX-License-Identifier: Apache-2.0
#include <QTest>
#include <random>

#include "controller/nodes/drain.h"

using namespace gantry;
using model::Pod;
using nodes::PodGroup;

namespace {

const base::Timestamp kNow = base::fromUnixMs(1'000'000'000);

// One letter a pod: upper case on the node that is drained. r ready, n not ready, l ready and
// leaving, d told to go.
PodGroup::Set setOf(int desired, const std::string& letters) {
  PodGroup::Set set;
  set.desired = desired;
  for (const char letter : letters) {
    const char kind = static_cast<char>(std::tolower(letter));
    auto status = std::make_shared<schema::PodStatus>();
    schema::Condition& ready = *status->add_conditions();
    ready.set_type("Ready");
    ready.set_status(kind == 'n' ? "False" : "True");
    Pod pod;
    pod.name = std::string(1, letter) + std::to_string(set.pods.size());
    pod.uid = pod.name;
    pod.phase = model::PodPhase::kRunning;
    pod.nodeName = std::isupper(letter) ? "drained" : "other";
    pod.status = status;
    pod.leaving = kind == 'l';
    if (kind == 'd') pod.deletedAt = kNow;
    set.pods.push_back(std::make_shared<const Pod>(pod));
  }
  return set;
}

nodes::DrainStep planDrain(const PodGroup& group, const model::State& state = {}) {
  workloads::Disruptions budgets(state);
  return nodes::planDrain(group, "drained", kNow, budgets);
}

std::string names(const std::vector<model::Ptr<Pod>>& pods) {
  std::string text;
  for (const auto& pod : pods) text += pod->name + " ";
  return text;
}

}  // namespace

class TstDrain : public QObject {
  Q_OBJECT

 private slots:
  void takesWhatNobodyMissesAndReplacesTheRestFirst_data() {
    QTest::addColumn<int>("desired");
    QTest::addColumn<int>("surge");
    QTest::addColumn<int>("unavailable");
    QTest::addColumn<QString>("pods");
    QTest::addColumn<QString>("deletions");
    QTest::addColumn<QString>("leaving");
    QTest::newRow("nothing here") << 2 << 1 << 0 << "rr" << "" << "";
    QTest::newRow("not ready goes at once") << 2 << 1 << 0 << "rN" << "N1 " << "";
    QTest::newRow("the only one is replaced first") << 1 << 1 << 0 << "R" << "" << "R0 ";
    QTest::newRow("its replacement is not ready yet") << 1 << 1 << 0 << "Ln" << "" << "";
    QTest::newRow("its replacement is ready") << 1 << 1 << 0 << "Lr" << "L0 " << "";
    QTest::newRow("one may be missing") << 3 << 0 << 1 << "RRr" << "R0 " << "";
    QTest::newRow("one is missing already") << 3 << 0 << 1 << "RRn" << "" << "";
    QTest::newRow("both ways at once") << 4 << 1 << 1 << "RRRr" << "R0 " << "R1 ";
    QTest::newRow("no more than the surge") << 4 << 2 << 0 << "RRRR" << "" << "R0 R1 ";
    QTest::newRow("a surge that is taken") << 3 << 1 << 0 << "RRrn" << "" << "";
    QTest::newRow("leaving go before others") << 2 << 1 << 0 << "RLr" << "L1 " << "";
    QTest::newRow("told to go are no matter") << 1 << 1 << 0 << "DR" << "" << "R1 ";
  }
  void takesWhatNobodyMissesAndReplacesTheRestFirst() {
    QFETCH(int, desired);
    QFETCH(int, surge);
    QFETCH(int, unavailable);
    QFETCH(QString, pods);
    QFETCH(QString, deletions);
    QFETCH(QString, leaving);
    PodGroup group{desired, {surge, unavailable}, base::Duration(0), {}};
    group.sets.push_back(setOf(desired, pods.toStdString()));
    const nodes::DrainStep step = planDrain(group);
    QCOMPARE(names(step.deletions), deletions.toStdString());
    QCOMPARE(names(step.leaving), leaving.toStdString());
  }

  void podsThatAScaleDownWillTakeAreCountedAsGone() {
    // The old ReplicaSet was told to go from 2 to 1; its pod is still there.
    PodGroup group{3, {0, 1}, base::Duration(0), {setOf(1, "rr"), setOf(2, "Rn")}};
    QCOMPARE(names(planDrain(group).deletions), "");
    group.sets[0].desired = 2;
    QCOMPARE(names(planDrain(group).deletions), "R0 ");
  }

  void waitsForMinReadySeconds() {
    PodGroup group{1, {1, 0}, std::chrono::seconds(30), {setOf(1, "Lr")}};
    auto fresh = std::make_shared<Pod>(*group.sets[0].pods[1]);
    auto status = std::make_shared<schema::PodStatus>(*fresh->status);
    status->mutable_conditions(0)->mutable_last_transition_time()->set_unix_ms(
        base::toUnixMs(kNow) - 10'000);
    fresh->status = status;
    group.sets[0].pods[1] = fresh;
    const nodes::DrainStep step = planDrain(group);
    QCOMPARE(names(step.deletions), "");
    QCOMPARE(step.revisitAt, kNow + std::chrono::seconds(20));
  }

  // Whatever there is: what is taken leaves enough available, what is asked for fits the surge.
  void neverGoesBeyondTheFencePosts_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 100; ++seed) QTest::addRow("seed %d", seed) << seed;
  }
  void neverGoesBeyondTheFencePosts() {
    QFETCH(int, seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 200; ++round) {
      PodGroup group;
      group.posts = {int(random() % 3), int(random() % 3)};
      if (group.posts.surge + group.posts.unavailable == 0) group.posts.unavailable = 1;
      int available = 0, active = 0, leaving = 0;
      for (unsigned i = 0; i <= random() % 3; ++i) {
        std::string letters;
        for (unsigned n = random() % 6; n > 0; --n) letters += "rRnNlLdD"[random() % 8];
        group.sets.push_back(setOf(random() % 4, letters));
        group.desired += group.sets.back().desired;
        for (const auto& pod : group.sets.back().pods) {
          available += model::isAvailable(*pod, base::Duration(0), kNow);
          active += model::isActive(*pod);
          leaving += model::isActive(*pod) && pod->leaving;
        }
      }
      const nodes::DrainStep step = planDrain(group);
      int taken = 0;
      for (const auto& pod : step.deletions) {
        QCOMPARE(pod->nodeName, "drained");
        QVERIFY(!pod->deletedAt);
        taken += model::isAvailable(*pod, base::Duration(0), kNow);
      }
      if (taken > 0) QVERIFY(available - taken >= group.desired - group.posts.unavailable);
      const int asked = static_cast<int>(step.leaving.size());
      if (asked > 0) {
        QVERIFY(active - int(step.deletions.size()) + asked <=
                group.desired + group.posts.surge + leaving);
        QVERIFY(group.desired + leaving + asked <= group.desired + group.posts.surge);
      }
    }
  }
};

QTEST_GUILESS_MAIN(TstDrain)
#include "tst_drain.moc"
