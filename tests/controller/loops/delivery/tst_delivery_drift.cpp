// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/delivery/merge.h"
#include "tests/controller/loops/delivery/delivery_world.h"

using namespace gantry;
using namespace gantry::tests;

/// What is not as it was applied, and how it is put back.
class TstDeliveryDrift : public QObject {
  Q_OBJECT

 private slots:
  void driftIsPutBackWherePolicySaysSo_data() {
    QTest::addColumn<bool>("selfHeal");
    QTest::addColumn<int>("approvals");
    QTest::newRow("self-heal") << true << 0;
    QTest::newRow("self-heal of what was approved needs no approval") << true << 1;
    QTest::newRow("without self-heal it waits for sync") << false << 0;
  }
  void driftIsPutBackWherePolicySaysSo() {
    QFETCH(bool, selfHeal);
    QFETCH(int, approvals);
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false, selfHeal, approvals));
    world.start();
    if (approvals > 0) QVERIFY(world.approve(*world.open(), "ana").ok());
    schema::Deployment drifted = *world.deployment("front");
    drifted.mutable_spec()->set_replicas(9);
    world.put(drifted);
    world.executor.settle();
    if (!selfHeal) {
      QCOMPARE(world.deployment("front")->spec().replicas(), 9);
      QCOMPARE(world.status().sync(), "OutOfSync");
      QVERIFY(world.sync().ok());
    }
    QCOMPARE(world.deployment("front")->spec().replicas(), 2);
    QCOMPARE(world.status().sync(), "Synced");
    QCOMPARE(world.wasTold("shop Healed: "), selfHeal);
    QCOMPARE(world.history().size(), selfHeal ? 1u : 2u);
    QCOMPARE(world.history().front()->cause(), "sync");
    world.erase<schema::Deployment>({"shop", "front"});
    world.executor.settle();
    QCOMPARE(world.deployment("front") != nullptr, selfHeal);
  }

  void aRepairThatWaitedForSyncIsOne() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false, false));
    world.start();
    schema::Deployment drifted = *world.deployment("front");
    drifted.mutable_spec()->set_replicas(9);
    world.put(drifted);
    world.executor.settle();
    const auto plan = world.open();
    QCOMPARE(plan->cause(), "sync");
    world.putApplication("shop", "shop", automatic(false, true));
    world.poll();
    QCOMPARE(world.deployment("front")->spec().replicas(), 2);
    const api::Plan& healed = *world.state().plans.find(model::nameOf(*plan));
    QCOMPARE(healed.state(), api::APPLIED);
    QCOMPARE(healed.cause(), "self-heal");
    QVERIFY(world.open() == nullptr);
  }

  void repairsTakeNothingFromWhatWasApplied() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false, true));
    world.start();
    world.endRollouts();
    pushImage(world, "front:v2");
    world.poll();
    world.endRollouts();
    world.pass(std::chrono::seconds(60));
    const std::int64_t healthyAt = world.history().front()->healthy_at().unix_ms();
    QVERIFY(healthyAt > 0);
    for (int i = 0; i < 60; ++i) {
      schema::Service drifted = *world.state().services.find({"shop", "front"});
      (*drifted.mutable_spec()->mutable_selector())["app"] = "evil";
      world.put(drifted);
      world.executor.settle();
      QCOMPARE(world.state().services.find({"shop", "front"})->spec().selector().at("app"),
               "front");
    }
    // What to go back to is still there, and what runs has been healthy without a break.
    QCOMPARE(world.history().size(), 2u);
    QCOMPARE(world.history().front()->outcome(), "Healthy");
    QCOMPARE(world.history().front()->healthy_at().unix_ms(), healthyAt);
    QVERIFY(world.preview().ok());
    const auto plans = delivery::plansOf(world.state(), {"gantry-system", "shop"});
    QCOMPARE(
        std::ranges::count_if(plans, [](const auto& plan) { return plan->cause() == "self-heal"; }),
        static_cast<std::ptrdiff_t>(delivery::kKeptRepairs) + 1);
    QCOMPARE(plans.size(), delivery::kKeptRepairs + 3);
  }

  void repairKeepsThePlanThatWaits() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false, true, 2));
    world.start();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QVERIFY(world.approve(*world.open(), "bo").ok());
    pushImage(world, "front:v2");
    world.poll();
    const auto plan = world.open();
    QVERIFY(world.approve(*plan, "ana").ok());
    schema::Deployment drifted = *world.deployment("front");
    drifted.mutable_spec()->set_replicas(9);
    world.put(drifted);
    world.executor.settle();
    QCOMPARE(world.deployment("front")->spec().replicas(), 2);
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.open()->name(), plan->name());
    QVERIFY(world.approve(*plan, "bo").ok());
    QCOMPARE(world.image(), "front:v2");
  }

  void whatTheSystemAllocatesIsNoDrift() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    schema::Service service = *world.state().services.find({"shop", "front"});
    service.mutable_spec()->set_cluster_ip("10.96.0.7");
    service.mutable_spec()->mutable_ports(0)->set_node_port(30'123);
    world.put(service);
    world.endRollouts();
    world.poll();
    QCOMPARE(world.history().size(), 1);
    QCOMPARE(world.status().sync(), "Synced");
    pushImage(world, "front:v2");
    world.poll();
    QCOMPARE(world.state().services.find({"shop", "front"})->spec().cluster_ip(), "10.96.0.7");
    QCOMPARE(world.deployment("front")->metadata().generation(), 2);
    QCOMPARE(world.deployment("front")->status().observed_generation(), 1);
  }
};

QTEST_GUILESS_MAIN(TstDeliveryDrift)
#include "tst_delivery_drift.moc"
