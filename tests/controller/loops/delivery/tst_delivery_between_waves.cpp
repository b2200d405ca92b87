// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/waves_world.h"

using namespace gantry;
using namespace gantry::tests;

/// What comes in between two waves of a plan: newer revisions, people who change their mind, drift,
/// and rollbacks.
class TstDeliveryBetweenWaves : public QObject {
  Q_OBJECT

 private slots:
  void aNewerRevisionOvertakesAStuckOne() {
    DeliveryWorld world;
    prepare(world, with(shop("v2"), "migrate", "PreSync"));
    const std::string stuck = newest(world)->name();
    Files repaired = shop("v3");
    repaired["shop/migrate.yaml"] = std::nullopt;
    push(world, repaired);
    world.poll();
    const api::Plan& plan = *world.state().plans.find({"gantry-system", stuck});
    QCOMPARE(plan.state(), api::SUPERSEDED);
    QVERIFY(says(plan.message(), "overtaken"));
    QCOMPARE(jobs(world), "");
    QCOMPARE(world.image("back"), "back:v3");
    settle(world);
    QCOMPARE(world.image("front"), "front:v3");
    QCOMPARE(world.history().size(), 2);
  }

  void oneThatWaitsForApprovalDoesNotStopTheOneThatIsApplied() {
    DeliveryWorld world;
    prepare(world, shop("v2"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    const std::string running = newest(world)->name();
    QCOMPARE(newest(world)->state(), api::APPLYING);
    push(world, shop("v3"));
    world.poll();
    QVERIFY(world.open() != nullptr);
    QCOMPARE(world.status().pending_plan(), world.open()->name());
    const std::string waiting = world.open()->name();
    const std::string digest = world.open()->digest();
    QVERIFY(says(world.open()->changes(0).before_yaml(), "back:v2"));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QVERIFY2(says(world.open()->message(), "waits until plan " + running),
             world.open()->message().c_str());
    // Its approval is for what it does once the waves are in: they do not void it.
    world.endRollouts();
    QCOMPARE(world.image("front"), "front:v2");
    QCOMPARE(world.state().plans.find({"gantry-system", running})->state(), api::APPLYING);
    QCOMPARE(world.open()->name(), waiting);
    QCOMPARE(world.open()->digest(), digest);
    world.crash();
    world.start();
    QCOMPARE(world.open()->digest(), digest);
    world.endRollouts();
    QCOMPARE(world.state().plans.find({"gantry-system", running})->state(), api::APPLIED);
    QCOMPARE(world.image("back"), "back:v3");
    QCOMPARE(newest(world)->name(), waiting);
    QCOMPARE(newest(world)->digest(), digest);
    settle(world);
    QCOMPARE(world.image("front"), "front:v3");
  }

  // Else a Job that never ends would keep out what repairs it.
  void oneThatWaitsBehindAStuckOrHeldOneIsPlannedOverWhatIsThere_data() {
    QTest::addColumn<bool>("isHeld");
    QTest::newRow("held") << true;
    QTest::newRow("stuck") << false;
  }
  void oneThatWaitsBehindAStuckOrHeldOneIsPlannedOverWhatIsThere() {
    QFETCH(bool, isHeld);
    DeliveryWorld world;
    prepare(world, with(shop("v2"), "migrate", "PreSync"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    const std::string stuck = newest(world)->name();
    Files repaired = shop("v3");
    repaired["shop/migrate.yaml"] = std::nullopt;
    push(world, repaired);
    world.poll();
    QVERIFY(says(world.open()->changes(0).before_yaml(), "back:v2"));
    if (isHeld) {
      api::Hold hold;
      hold.set_name("shop-9");
      hold.set_namespace_("gantry-system");
      hold.set_application("shop");
      const api::Plan& running = *world.state().plans.find({"gantry-system", stuck});
      hold.set_commit(running.revision().commit());
      hold.set_reason("hangs");
      world.put(hold);
      world.executor.settle();
    } else {
      world.pass(std::chrono::minutes(3));
    }
    QVERIFY(says(world.open()->changes(0).before_yaml(), "back:v1"));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.state().plans.find({"gantry-system", stuck})->state(), api::SUPERSEDED);
    QCOMPARE(world.image("back"), "back:v3");
  }

  void aStricterPolicyStopsTheNextWave() {
    DeliveryWorld world;
    prepare(world, shop("v2"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.image("back"), "back:v2");
    world.putApplication("shop", "shop", automatic(true, true, 2));
    world.endRollouts();
    QCOMPARE(world.image("front"), "front:v1");
    QCOMPARE(newest(world)->message(), "wave 1 does not begin: waits: 1 of 2 approvals");
    QVERIFY(world.approve(*newest(world), "cy").ok());
    QCOMPARE(world.image("front"), "front:v2");
  }

  void aProjectThatNoLongerAllowsItStopsTheNextWave() {
    DeliveryWorld world;
    prepare(world, shop("v2"));
    schema::Project limits;
    limits.mutable_metadata()->set_namespace_("gantry-system");
    limits.mutable_metadata()->set_name("default");
    limits.mutable_spec()->add_kinds("ConfigMap");
    world.put(limits);
    world.endRollouts();
    QCOMPARE(world.image("front"), "front:v1");
    QVERIFY2(says(newest(world)->message(), "wave 1 does not begin: ") &&
                 says(newest(world)->message(), "does not allow the kind Deployment"),
             newest(world)->message().c_str());
    limits.mutable_spec()->add_kinds("Deployment");
    world.put(limits);
    world.executor.settle();
    QCOMPARE(world.image("front"), "front:v2");
  }

  void aPlanThatIsAppliedCanNeitherBeApprovedNorRejected() {
    DeliveryWorld world;
    prepare(world, shop("v2"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QVERIFY(absl::IsFailedPrecondition(world.approve(*newest(world), "cy").status()));
    QVERIFY(absl::IsFailedPrecondition(world.reject(*newest(world), "cy", "no").status()));
  }

  void nothingBeginsWhileItIsSuspendedOrHeld_data() {
    QTest::addColumn<bool>("isHeld");
    QTest::newRow("held") << true;
    QTest::newRow("suspended") << false;
  }
  void nothingBeginsWhileItIsSuspendedOrHeld() {
    QFETCH(bool, isHeld);
    DeliveryWorld world;
    prepare(world, shop("v2"));
    std::string hold;
    if (isHeld) {
      api::HoldRevisionRequest request;
      request.set_namespace_("gantry-system");
      request.set_application("shop");
      request.set_commit(newest(world)->revision().commit());
      request.set_reason("wait");
      world.loop->holdRevision({"cy"}, request,
                               [&](const absl::StatusOr<api::Hold>& got) { hold = got->name(); });
    } else {
      api::SuspendRequest request;
      request.set_namespace_("gantry-system");
      request.set_application("shop");
      request.set_reason("wait");
      QVERIFY(world.loop->suspend({"cy"}, request).ok());
    }
    world.endRollouts();
    QCOMPARE(world.image("front"), "front:v1");
    QCOMPARE(waves(*newest(world)), "Sync 0 Done, Sync 1 Waiting");
    QVERIFY2(says(world.status().message(), "wave 1 does not begin"),
             world.status().message().c_str());
    if (isHeld) {
      QVERIFY(world.liftHold(hold).ok());
    } else {
      api::ResumeRequest request;
      request.set_namespace_("gantry-system");
      request.set_application("shop");
      QVERIFY(world.loop->resume({"cy"}, request).ok());
    }
    world.executor.settle();
    QCOMPARE(world.image("front"), "front:v2");
  }

  void driftInBetweenAsksForANewPlan() {
    DeliveryWorld world;
    prepare(world, shop("v2"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    const std::string running = newest(world)->name();
    schema::Deployment front = *world.deployment("front");
    front.mutable_spec()->set_replicas(7);
    front.mutable_metadata()->set_generation(front.metadata().generation() + 1);
    world.put(front);
    world.endRollouts();
    const api::Plan& plan = *world.state().plans.find({"gantry-system", running});
    QCOMPARE(plan.state(), api::SUPERSEDED);
    QVERIFY2(says(plan.message(),
                  "Deployment/shop/front was changed meanwhile; in: wave 0; not "
                  "in: wave 1"),
             plan.message().c_str());
    QCOMPARE(world.deployment("front")->spec().replicas(), 7);
    // What is left needs a yes of its own.
    QVERIFY(world.open() != nullptr);
    QCOMPARE(world.open()->changes_size(), 1);
    QCOMPARE(world.open()->approvals_required(), 1);
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.image("front"), "front:v2");
    settle(world);
    QCOMPARE(world.status().sync(), "Synced");
    QCOMPARE(world.history().front()->outcome(), "Healthy");
  }

  // What was approved is written, or nothing.
  void aFieldThatIsIgnoredByNowAsksForANewPlan() {
    DeliveryWorld world;
    prepare(world, shop("v2"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    const std::string running = newest(world)->name();
    schema::Application application = *world.state().applications.find({"gantry-system", "shop"});
    schema::IgnoredDifference& rule = *application.mutable_spec()->add_ignore_differences();
    rule.set_kind("Deployment");
    rule.set_name("front");
    rule.add_fields("spec.template.spec.containers[web].image");
    world.put(application);
    world.endRollouts();
    const api::Plan& plan = *world.state().plans.find({"gantry-system", running});
    QCOMPARE(plan.state(), api::SUPERSEDED);
    QVERIFY2(says(plan.message(),
                  "Deployment/shop/front would become something else than was planned; in: wave 0"),
             plan.message().c_str());
    QCOMPARE(world.image("front"), "front:v1");
  }

  void aRollbackInBetweenGoesBackAtOnce() {
    DeliveryWorld world;
    prepare(world, shop("v2"));
    const std::string running = newest(world)->name();
    QCOMPARE(world.image("back"), "back:v2");
    const auto answer = world.rollback();
    QVERIFY2(answer.ok(), std::string(answer.status().message()).c_str());
    QCOMPARE(world.image("back"), "back:v1");
    QCOMPARE(world.image("front"), "front:v1");
    QCOMPARE(world.state().plans.find({"gantry-system", running})->state(), api::SUPERSEDED);
    QCOMPARE(newest(world)->state(), api::APPLIED);
    world.endRollouts();
    world.poll();
    QCOMPARE(world.status().sync(), "Synced");
    QCOMPARE(world.image("back"), "back:v1");
  }

  void aFailureIsRolledBackIfThePolicySaysSo_data() {
    QTest::addColumn<bool>("hook");
    QTest::newRow("of a wave") << false;
    QTest::newRow("of a PostSync hook") << true;
  }
  void aFailureIsRolledBackIfThePolicySaysSo() {
    QFETCH(bool, hook);
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    policy.mutable_automatic_rollback()->set_watch_seconds(600);
    prepare(world, hook ? with(shop("v2"), "smoke", "PostSync") : shop("v2"), policy);
    if (hook) {
      world.endRollouts();
      world.endRollouts();
      endJob(world, "smoke-2", false);
    } else {
      world.endRollouts(false);
    }
    world.pass(std::chrono::seconds(2));
    QCOMPARE(world.image("back"), "back:v1");
    QCOMPARE(world.image("front"), "front:v1");
    QCOMPARE(world.history().front()->cause(), "rollback");
    QVERIFY(says(world.history().front()->reason(), "failed"));
  }
};

QTEST_GUILESS_MAIN(TstDeliveryBetweenWaves)
#include "tst_delivery_between_waves.moc"
