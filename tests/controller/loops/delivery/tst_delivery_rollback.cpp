// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_world.h"

using namespace gantry;
using namespace gantry::tests;

/// The way back: a revert commit, a hold, and what happens when something breaks on the way.
class TstDeliveryRollback : public QObject {
  Q_OBJECT

 private:
  /// v1 and the bad v2 applied to "shop".
  static void prepare(DeliveryWorld& world, int approvals = 0) {
    push(world, "front:v1");
    world.putApplication("shop", "shop", automatic(true, true, approvals));
    world.start();
    approve(world);
    push(world, "front:v2");
    world.poll();
    approve(world);
    QCOMPARE(world.image(), "front:v2");
  }
  static std::string push(DeliveryWorld& world, const std::string& image) {
    return world.git.commit(kUrl, "main", {{"shop/front.yaml", deploymentYaml("front", image)}},
                            "Use " + image);
  }
  static void approve(DeliveryWorld& world) {
    if (const auto plan = world.open()) QVERIFY(world.approve(*plan, "ana").ok());
  }
  /// A rollback that was confirmed and recorded, and then the power failed: it is neither applied
  /// nor pushed.
  static void recordOnly(DeliveryWorld& world) {
    const auto preview = world.preview();
    world.git.setUnreachable(kUrl, true);
    world.store.setFault(absl::UnavailableError("disk full"), 1);
    world.askRollback(preview->plan().digest());
    world.pass(std::chrono::seconds(1));
    world.crash();
    world.store.setFault(absl::OkStatus());
    world.git.setUnreachable(kUrl, false);
    QVERIFY(world.status().has_rollback());
    QVERIFY(!world.status().rollback().applied());
    QCOMPARE(world.image(), "front:v2");
  }
  static std::size_t holds(const DeliveryWorld& world) { return world.state().holds.size(); }

  static void expectBackAtV1(DeliveryWorld& world) {
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(!world.status().has_rollback());
    QCOMPARE(world.status().sync(), "Synced");
    const api::HistoryEntry& entry = *world.history().front();
    QCOMPARE(entry.cause(), "rollback");
    QCOMPARE(entry.initiator(), "bo");
    QCOMPARE(entry.reason(), "readiness 503");
    QCOMPARE(entry.revert().commit(), world.git.head(kUrl, "main"));
    QCOMPARE(holds(world), 1);
    const std::string message = world.git.commitOf(kUrl, world.git.head(kUrl, "main")).message;
    QVERIFY2(message.starts_with("Revert \"Use front:v2\"\n"), message.c_str());
    QVERIFY(message.find("This reverts commit ") != std::string::npos);
    QVERIFY(message.find("Reason: readiness 503") != std::string::npos);
    QVERIFY(message.find("bo") != std::string::npos);
  }

 private slots:
  void rollbackWritesARevertAndAppliesItAtOnce_data() {
    QTest::addColumn<int>("approvals");
    QTest::newRow("without an approval policy") << 0;
    QTest::newRow("who confirmed the preview needs no second approval") << 2 - 1;
  }
  void rollbackWritesARevertAndAppliesItAtOnce() {
    QFETCH(int, approvals);
    DeliveryWorld world;
    prepare(world, approvals);
    const auto preview = world.preview();
    QVERIFY(preview.ok());
    QCOMPARE(preview->reverted_size(), 1);
    QCOMPARE(preview->reverted(0).subject(), "Use front:v2");
    QCOMPARE(preview->plan().changes_size(), 1);
    QCOMPARE(preview->plan().effect().pods_restarted(), 2);
    const auto answer = world.rollback();
    QVERIFY2(answer.ok(), std::string(answer.status().message()).c_str());
    QCOMPARE(answer->revert().commit(), world.git.head(kUrl, "main"));
    QVERIFY(world.state().holds.find({"gantry-system", answer->hold()}) != nullptr);
    expectBackAtV1(world);
    world.poll();
    expectBackAtV1(world);
  }

  void wrongDigestOrNoReasonIsRefused() {
    DeliveryWorld world;
    prepare(world);
    const auto answer = world.askRollback("0123");
    world.pass(std::chrono::seconds(1));
    QVERIFY(absl::IsFailedPrecondition((*answer)->status()));
    QCOMPARE(holds(world), 0);
    QCOMPARE(world.git.reverts(), 0);
    std::optional<absl::Status> noReason;
    api::RollbackRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    world.loop->rollback({"bo"}, request, [&](const auto& got) { noReason = got.status(); });
    QVERIFY(absl::IsInvalidArgument(*noReason));
  }

  void heldContentStaysOutUntilTheHoldIsLifted() {
    DeliveryWorld world;
    prepare(world);
    const auto answer = world.rollback();
    QVERIFY(answer.ok());
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.status().message().find(answer->hold()) != std::string::npos);
    const auto sync = world.sync();
    QVERIFY(absl::IsFailedPrecondition(sync.status()));
    QVERIFY(sync.status().message().find(answer->hold()) != std::string::npos);
    QCOMPARE(world.image(), "front:v1");

    QVERIFY(world.liftHold(answer->hold()).ok());
    QCOMPARE(world.image(), "front:v2");
    QVERIFY(world.wasTold("HoldLifted"));
    QVERIFY(absl::IsNotFound(world.liftHold(answer->hold())));
  }

  void anotherRevisionGoesOnByItself() {
    DeliveryWorld world;
    prepare(world);
    QVERIFY(world.rollback().ok());
    push(world, "front:v3");
    world.poll();
    QCOMPARE(world.image(), "front:v3");
  }

  void rollbackToAHeldOrAppliedRevisionIsRefused() {
    DeliveryWorld world;
    prepare(world);
    const std::string v2 = world.history().front()->name();
    QVERIFY(absl::IsFailedPrecondition(world.preview(v2).status()));
    QVERIFY(world.rollback().ok());
    QVERIFY(absl::IsFailedPrecondition(world.preview(v2).status()));
    QVERIFY(absl::IsFailedPrecondition(world.preview().status()));
    QVERIFY(absl::IsNotFound(world.preview("shop-99").status()));
  }

  void whatIsPushedInBetweenIsHeldAsWell() {
    DeliveryWorld world;
    prepare(world);
    const auto preview = world.preview();
    world.git.beforeNextRevert([&] { push(world, "front:v3"); });
    const auto answer = world.askRollback(preview->plan().digest());
    world.pass(std::chrono::seconds(1));
    QVERIFY((*answer)->ok());
    QVERIFY2((**answer)->message().find("no revert commit") != std::string::npos,
             (**answer)->message().c_str());
    QCOMPARE(holds(world), 2);
    QVERIFY(!world.status().has_rollback());
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.wasTold("RollbackGivenUp"));
    push(world, "front:v4");
    world.poll();
    QCOMPARE(world.image(), "front:v4");
  }

  void refusedPushLeavesTheRevisionHeld() {
    DeliveryWorld world;
    prepare(world);
    const auto preview = world.preview();
    world.git.failNextRevert(absl::PermissionDeniedError("the branch is protected"), false);
    const auto answer = world.askRollback(preview->plan().digest());
    world.pass(std::chrono::seconds(1));
    QVERIFY((*answer)->ok());
    QVERIFY2((**answer)->message().find("the branch is protected") != std::string::npos,
             (**answer)->message().c_str());
    QCOMPARE(holds(world), 1);
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(!world.status().has_rollback());
    world.pass(std::chrono::minutes(3));
    QCOMPARE(world.image(), "front:v1");
  }

  void lostAnswerIsFoundInTheBranch() {
    DeliveryWorld world;
    prepare(world);
    const auto preview = world.preview();
    world.git.failNextRevert(absl::DeadlineExceededError("no answer"), true);
    const auto answer = world.askRollback(preview->plan().digest());
    world.pass(std::chrono::seconds(1));
    QVERIFY((*answer)->ok());
    expectBackAtV1(world);
    QCOMPARE(world.git.reverts(), 1);
  }

  // It may be the only way back while Git is away, so it is not refused, but says what it leaves.
  void whatFollowsNoBranchGoesBackWithoutARevertCommit_data() {
    QTest::addColumn<QString>("follows");
    QTest::newRow("a range of versions") << "1.x";
    QTest::newRow("a tag") << "v1.1.0";
    QTest::newRow("a commit") << "";
  }
  void whatFollowsNoBranchGoesBackWithoutARevertCommit() {
    QFETCH(QString, follows);
    DeliveryWorld world;
    const auto push = [&](const std::string& image) {
      return world.git.commit(kUrl, "main", {{"shop/front.yaml", deploymentYaml("front", image)}},
                              image);
    };
    const auto follow = [&](const std::string& revision) {
      schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
      shop.mutable_spec()->mutable_source()->set_target_revision(revision);
      shop.mutable_metadata()->set_generation(shop.metadata().generation() + 1);
      world.put(shop);
      world.poll();
      world.endRollouts();
    };
    world.git.tag(kUrl, "v1.0.0", push("front:v1"));
    world.putApplication("shop", "shop", automatic());
    world.start();
    world.endRollouts();
    const std::string bad = push("front:v2");
    world.git.tag(kUrl, "v1.1.0", bad);
    follow(follows.isEmpty() ? bad : follows.toStdString());
    QCOMPARE(world.image(), "front:v2");

    const auto preview = world.preview();
    QVERIFY2(preview.ok(), preview.status().ToString().c_str());
    const std::string& note = preview->plan().message();
    QVERIFY2(note.find("no revert commit") != std::string::npos, note.c_str());
    QVERIFY2(note.find("source.targetRevision") != std::string::npos, note.c_str());
    const auto answer = world.rollback();
    QVERIFY2(answer.ok(), answer.status().ToString().c_str());
    QVERIFY2(answer->message().starts_with("applied, but there is no revert commit"),
             answer->message().c_str());
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.git.head(kUrl, "main"), bad);
    // Nothing brings it back, until the Application follows something else.
    for (int i = 0; i < 3; ++i) world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(!world.status().has_rollback());
    QVERIFY2(world.status().message().find("held by bo") != std::string::npos,
             world.status().message().c_str());
    follow("v1.0.0");
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.status().sync(), "Synced");
  }

  void rollbackNeedsNoGitAndIsPushedLater() {
    DeliveryWorld world;
    prepare(world);
    const auto preview = world.preview();
    world.git.setUnreachable(kUrl, true);
    const auto answer = world.askRollback(preview->plan().digest());
    world.pass(std::chrono::seconds(1));
    QVERIFY((*answer)->ok());
    QVERIFY2((**answer)->message().find("as soon as Git") != std::string::npos,
             (**answer)->message().c_str());
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(holds(world), 1);
    QVERIFY(world.status().rollback().applied());
    world.git.setUnreachable(kUrl, false);
    world.pass(std::chrono::minutes(3));
    expectBackAtV1(world);
  }

  void crashAtAnyMomentOfARollbackIsMended() {
    // The virtual time at which it happens: before the log is read, before and after the wish is
    // recorded, before and after the push, before it is fetched.
    for (int ms = 0; ms <= 120; ms += 5) {
      for (const bool gitDown : {false, true}) {
        DeliveryWorld world;
        prepare(world);
        const auto preview = world.preview();
        const auto answer = world.askRollback(preview->plan().digest());
        world.pass(base::Duration(ms));
        const bool recorded = world.status().has_rollback() || holds(world) == 1;
        world.crash();
        if (gitDown) world.git.setUnreachable(kUrl, true);
        world.start();
        world.git.setUnreachable(kUrl, false);
        world.pass(std::chrono::minutes(5));
        if (recorded) {
          expectBackAtV1(world);
        } else {
          QCOMPARE(world.image(), "front:v2");
        }
        if (QTest::currentTestFailed()) {
          qWarning("crash after %d ms", ms);
          return;
        }
      }
    }
  }

  // What was confirmed before a restart is looked at again when it can be applied.
  void aRollbackToWhatIsHeldMeanwhileIsGivenUp() {
    DeliveryWorld world;
    prepare(world);
    recordOnly(world);
    api::Hold hold;
    hold.set_name("shop-9");
    hold.set_namespace_("gantry-system");
    hold.set_application("shop");
    hold.set_commit(world.status().rollback().target().commit());
    hold.set_tree_hash(world.status().rollback().target().tree_hash());
    hold.set_by("eve");
    hold.set_reason("leaks");
    world.put(hold);
    const std::string head = world.git.head(kUrl, "main");
    world.start();
    world.pass(std::chrono::minutes(5));
    QCOMPARE(world.image(), "front:v2");
    QVERIFY(!world.status().has_rollback());
    QCOMPARE(world.git.head(kUrl, "main"), head);
    QVERIFY(
        world.wasTold("RollbackGivenUp: the rollback to shop-1 is given up: it is held by eve"));
  }

  void aRollbackWaitsWhileSuspended() {
    DeliveryWorld world;
    prepare(world);
    recordOnly(world);
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    schema::Suspension& suspension = *shop.mutable_status()->mutable_suspension();
    suspension.set_by("eve");
    suspension.set_reason("database move");
    suspension.mutable_expires_at()->set_unix_ms(
        base::toUnixMs(world.executor.wallNow() + std::chrono::hours(1)));
    world.put(shop);
    const std::string head = world.git.head(kUrl, "main");
    world.start();
    world.pass(std::chrono::minutes(30));
    QCOMPARE(world.image(), "front:v2");
    QVERIFY(world.status().has_rollback());
    QVERIFY(world.status().message().find("database move") != std::string::npos);
    QCOMPARE(world.git.head(kUrl, "main"), head);
    world.pass(std::chrono::minutes(40));
    expectBackAtV1(world);
  }

  void liftingTheHoldStopsThePushThatWaits() {
    DeliveryWorld world;
    prepare(world);
    const auto preview = world.preview();
    world.git.setUnreachable(kUrl, true);
    world.askRollback(preview->plan().digest());
    world.pass(std::chrono::seconds(1));
    QVERIFY(world.status().has_rollback());
    QVERIFY(world.liftHold(world.status().rollback().hold()).ok());
    world.git.setUnreachable(kUrl, false);
    world.pass(std::chrono::minutes(3));
    QCOMPARE(world.image(), "front:v2");
    QVERIFY(!world.status().has_rollback());
  }
};

QTEST_GUILESS_MAIN(TstDeliveryRollback)
#include "tst_delivery_rollback.moc"
