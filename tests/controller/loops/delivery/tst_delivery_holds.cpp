// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// What people keep back: an Application, or a revision.
class TstDeliveryHolds : public QObject {
  Q_OBJECT

 private slots:
  void nothingIsTouchedWhileSuspended() {
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    api::SuspendRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    QVERIFY(absl::IsInvalidArgument(world.loop->suspend({"ana"}, request).status()));
    request.set_reason("database move");
    request.set_ttl_seconds(3600);
    QVERIFY(world.loop->suspend({"ana"}, request).ok());
    push(world, "front:v2");
    schema::Deployment drifted = *world.deployment("front");
    drifted.mutable_spec()->set_replicas(7);
    world.put(drifted);
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.deployment("front")->spec().replicas(), 7);
    QVERIFY(world.status().message().find("database move") != std::string::npos);
    QVERIFY(absl::IsFailedPrecondition(world.preview().status()));
    // Over a restart, and until the time has run out.
    world.crash();
    world.start();
    QCOMPARE(world.image(), "front:v1");
    world.pass(std::chrono::hours(1));
    QCOMPARE(world.image(), "front:v2");
    QVERIFY(!world.status().has_suspension());
    api::ResumeRequest resume;
    resume.set_namespace_("gantry-system");
    resume.set_application("shop");
    QVERIFY(absl::IsFailedPrecondition(world.loop->resume({"ana"}, resume).status()));
  }

  void aHeldRevisionIsNotApplied() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 1));
    const std::string bad = push(world, "front:v2");
    world.poll();
    std::optional<absl::StatusOr<api::Hold>> answer;
    api::HoldRevisionRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    request.set_commit(bad.substr(0, 8));
    const auto hold = [&] {
      world.loop->holdRevision({"ana"}, request, [&](const auto& got) { answer = got; });
      world.pass(std::chrono::seconds(1));
      return answer->status();
    };
    QVERIFY(absl::IsInvalidArgument(hold()));
    request.set_reason("leaks memory");
    const auto plan = world.open();
    QVERIFY(hold().ok());
    QVERIFY(absl::IsFailedPrecondition(hold()));
    QVERIFY(world.open() == nullptr);
    QVERIFY(!world.approve(*plan, "bo").ok());
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.status().message().find("leaks memory") != std::string::npos);
    request.set_commit("0123456789012345678901234567890123456789");
    QVERIFY(absl::IsNotFound(hold()));
    QVERIFY(world.liftHold((*answer).ok() ? "" : world.state().holds.entries().begin()->first.name)
                .ok());
    QVERIFY(world.open() != nullptr);
  }
};

QTEST_GUILESS_MAIN(TstDeliveryHolds)
#include "tst_delivery_holds.moc"
