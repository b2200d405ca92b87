// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/audit/audit.h"
#include "controller/audit/chain.h"
#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// When plans may be applied, and who goes past that.
class TstDeliveryWindows : public QObject {
  Q_OBJECT

 private slots:
  void aClosedWindowKeepsAPlanBack() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    // The world begins at midnight.
    *policy.add_windows() = window("allow", "0 1 * * *", "30m");
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    const api::Gate* closed = gate(*world.open(), "window");
    QVERIFY(!closed->open());
    QVERIFY(closed->may_be_overridden());
    QVERIFY(closed->has_opens_at());
    QVERIFY2(closed->message().find("month end") != std::string::npos, closed->message().c_str());
    // Drift stays as well.
    schema::Deployment drifted = *world.deployment("front");
    drifted.mutable_spec()->set_replicas(7);
    world.put(drifted);
    world.poll();
    QCOMPARE(world.deployment("front")->spec().replicas(), 7);
    world.pass(std::chrono::hours(1));
    QCOMPARE(world.image(), "front:v2");
  }

  void aDenyWindowKeepsPlansBackWhileItLasts() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    *policy.add_windows() = window("deny", "0 0 * * *", "2h");
    prepare(world, policy);
    push(world, "front:v2");
    world.pass(std::chrono::minutes(100));
    QCOMPARE(world.image(), "front:v1");
    world.pass(std::chrono::minutes(30));
    QCOMPARE(world.image(), "front:v2");
  }

  void anOverrideIsForOneDigestAndIsRecorded() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true, 1);
    *policy.add_windows() = window("deny", "0 0 * * *", "20h");
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    const std::string digest = world.open()->digest();
    QVERIFY(absl::IsInvalidArgument(override(world, digest, "").status()));
    QVERIFY(absl::IsFailedPrecondition(override(world, "0123", "outage").status()));
    // It opens the window, but is no approval.
    QVERIFY(override(world, digest, "outage").ok());
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(gate(*world.open(), "window")->open());
    QVERIFY(!gate(*world.open(), "approval")->open());
    // The same commit would do something else now.
    schema::Deployment drifted = *world.deployment("front");
    drifted.mutable_spec()->set_replicas(7);
    world.put(drifted);
    world.poll();
    QVERIFY(world.open()->digest() != digest);
    QVERIFY(!gate(*world.open(), "window")->open());
    QVERIFY(override(world, world.open()->digest(), "outage").ok());
    push(world, "front:v3");
    world.poll();
    QVERIFY(!gate(*world.open(), "window")->open());
    QVERIFY(override(world, world.open()->digest(), "outage").ok());
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.image(), "front:v3");
    QCOMPARE(world.history().front()->override().by(), "ana");
    QCOMPARE(world.history().front()->override().gates_size(), 1);
    QVERIFY(audit::verifyChain(records(world)).ok());
    QCOMPARE(records(world).front().action(), "apply");
    QCOMPARE(records(world).at(1).action(), "override");
  }

  void anOverrideBehindAPlainSyncIsNotLost() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    *policy.add_windows() = window("deny", "0 0 * * *", "20h");
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    api::SyncRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    int answers = 0;
    const auto ask = [&] {
      world.loop->sync({"ana"}, request, [&](const auto& got) { answers += got.ok() ? 1 : 0; });
    };
    // The first is under way while the others gather.
    ask();
    ask();
    request.set_override_digest(world.open()->digest());
    request.set_reason("outage");
    ask();
    world.pass(std::chrono::seconds(2));
    QCOMPARE(answers, 3);
    QCOMPARE(world.image(), "front:v2");
  }
};

QTEST_GUILESS_MAIN(TstDeliveryWindows)
#include "tst_delivery_windows.moc"
