// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// When a revision is gone back from by itself. What was rolled out and then goes bad is in
/// tst_automatic_rollback.
class TstDeliveryAutomaticRollback : public QObject {
  Q_OBJECT

 private slots:
  void aRolloutThatMissesItsDeadlineIsGoneBackFrom() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    policy.mutable_automatic_rollback()->set_watch_seconds(300);
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    world.endRollouts(false);
    world.pass(std::chrono::seconds(5));
    QCOMPARE(world.image(), "front:v1");
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

  // What was added since would go again: many at once are for a person to delete.
  void whatWouldDeleteManyIsLeftToAPerson() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    policy.mutable_automatic_rollback()->set_watch_seconds(300);
    policy.mutable_deletion_budget()->set_max_objects(2);
    policy.mutable_deletion_budget()->set_max_percent(100);
    prepare(world, policy);
    support::FakeGit::Edits edits = {{"shop/front.yaml", deploymentYaml("front", "front:v2")}};
    for (const char* name : {"a", "b", "c"}) {
      edits[absl::StrCat("shop/", name, ".yaml")] = configYaml(name, "new");
    }
    world.git.commit(kUrl, "main", edits, "Use v2");
    world.poll();
    world.endRollouts(false);
    world.pass(std::chrono::seconds(5));
    QCOMPARE(world.image(), "front:v2");
    QCOMPARE(world.state().configMaps.size(), 3u);
    QCOMPARE(world.state().holds.size(), 0u);
    const char* const why =
        "going back deletes 3 of 4 objects, more than the 2 that syncPolicy.deletionBudget "
        "allows; a person has to roll back (`gantry rollback shop`)";
    QVERIFY(world.wasTold(absl::StrCat("AutomaticRollbackFailed: ", why)));
    QVERIFY2(world.status().message().find(
                 absl::StrCat("it is not rolled back by itself: ", why)) != std::string::npos,
             world.status().message().c_str());
    // Who does has seen what is deleted.
    QVERIFY(world.rollback().ok());
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.state().configMaps.size(), 0u);
    world.endRollouts();
    QCOMPARE(world.status().message(), "");
  }
};

QTEST_GUILESS_MAIN(TstDeliveryAutomaticRollback)
#include "tst_delivery_automatic_rollback.moc"
