// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/nodes/eviction.h"

using namespace gantry;
using std::chrono::seconds;

class TstEviction : public QObject {
  Q_OBJECT

 private slots:
  void isHeldBackInAMassFailure_data() {
    QTest::addColumn<int>("lost");
    QTest::addColumn<int>("all");
    QTest::addColumn<bool>("may");
    QTest::newRow("the only node") << 1 << 1 << false;
    QTest::newRow("one of two") << 1 << 2 << true;
    QTest::newRow("one of three") << 1 << 3 << true;
    QTest::newRow("two of three") << 2 << 3 << false;
    QTest::newRow("exactly 55 %") << 11 << 20 << true;
    QTest::newRow("more than 55 %") << 12 << 20 << false;
    QTest::newRow("all of a hundred") << 100 << 100 << false;
  }
  void isHeldBackInAMassFailure() {
    QFETCH(int, lost);
    QFETCH(int, all);
    QFETCH(bool, may);
    QCOMPARE(nodes::mayEvict(lost, all), may);
  }

  void waitsAsLongAsAPodTolerates_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("op");
    QTest::addColumn<QString>("effect");
    QTest::addColumn<int>("tolerated");
    QTest::addColumn<int>("expected");
    const char* unreachable = "node.kubernetes.io/unreachable";
    QTest::newRow("its own time") << unreachable << "Exists" << "NoExecute" << 300 << 300;
    QTest::newRow("at once") << unreachable << "Exists" << "NoExecute" << 0 << 0;
    QTest::newRow("less than nothing is at once") << unreachable << "Exists" << "" << -5 << 0;
    QTest::newRow("for ever") << unreachable << "Exists" << "NoExecute" << -1'000 << -1;
    QTest::newRow("everything for ever") << "" << "Exists" << "" << -1'000 << -1;
    QTest::newRow("another effect") << unreachable << "Exists" << "NoSchedule" << 300 << 60;
    QTest::newRow("another key") << "disk" << "Exists" << "NoExecute" << 300 << 60;
  }
  void waitsAsLongAsAPodTolerates() {
    QFETCH(QString, key);
    QFETCH(QString, op);
    QFETCH(QString, effect);
    QFETCH(int, tolerated);
    QFETCH(int, expected);
    auto shape = std::make_shared<schema::PodTemplateSpec>();
    schema::Toleration& toleration = *shape->mutable_spec()->add_tolerations();
    toleration.set_key(key.toStdString());
    toleration.set_operator_(op.toStdString());
    toleration.set_effect(effect.toStdString());
    if (tolerated > -1'000) toleration.set_toleration_seconds(tolerated);
    model::Pod pod;
    pod.ownerUid = "set";
    pod.shape = shape;
    const auto delay = nodes::evictionDelay(pod, std::chrono::seconds(60));
    QCOMPARE(delay ? delay->count() / 1'000 : -1, expected);
  }

  void aPodThatNothingWouldReplaceStays() {
    model::Pod pod;
    pod.shape = std::make_shared<schema::PodTemplateSpec>();
    QVERIFY(!nodes::evictionDelay(pod, seconds(60)));
  }
};

QTEST_GUILESS_MAIN(TstEviction)
#include "tst_eviction.moc"
