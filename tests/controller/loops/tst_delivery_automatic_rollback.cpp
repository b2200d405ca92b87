// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// When a revision is gone back from by itself.
class TstDeliveryAutomaticRollback : public QObject {
  Q_OBJECT

 private slots:
  void aBadRevisionIsRolledBackByItself_data() {
    QTest::addColumn<bool>("afterHealth");
    QTest::addColumn<int>("minutes");
    QTest::addColumn<QString>("runs");
    QTest::newRow("missed its deadline") << false << 0 << "front:v1";
    QTest::newRow("did not stay healthy") << true << 2 << "front:v1";
    QTest::newRow("was healthy for long enough") << true << 10 << "front:v2";
  }
  void aBadRevisionIsRolledBackByItself() {
    QFETCH(bool, afterHealth);
    QFETCH(int, minutes);
    QFETCH(QString, runs);
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    policy.mutable_automatic_rollback()->set_watch_seconds(300);
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    if (afterHealth) world.endRollouts();
    world.pass(std::chrono::minutes(minutes));
    world.endRollouts(false);
    world.pass(std::chrono::seconds(5));
    QCOMPARE(world.image(), runs.toStdString());
    if (runs != "front:v1") return;
    const std::string head = world.git.head(kUrl, "main");
    QCOMPARE(world.git.commitOf(kUrl, head).subject, "Revert \"Use front:v2\"");
    QCOMPARE(world.history().front()->cause(), "rollback");
    QCOMPARE(world.history().front()->initiator(), "controller");
    QCOMPARE(world.state().holds.size(), 1u);
    // Once, whatever becomes of it.
    world.endRollouts(false);
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.history().size(), 3u);
  }
};

QTEST_GUILESS_MAIN(TstDeliveryAutomaticRollback)
#include "tst_delivery_automatic_rollback.moc"
