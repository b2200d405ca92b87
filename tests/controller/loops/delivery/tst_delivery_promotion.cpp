// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_world.h"

using namespace gantry;
using namespace gantry::tests;

/// What an Application takes over from the one before it, also when the controller is started anew,
/// somebody rolls back, or others push.
class TstDeliveryPromotion : public QObject {
  Q_OBJECT

 private:
  static constexpr auto kSoak = std::chrono::minutes(10);

  /// Pushes the image to both folders, or to one of them.
  static std::string push(DeliveryWorld& world, const std::string& image, bool toStaging = true,
                          bool toShop = true) {
    support::FakeGit::Edits edits;
    if (toShop) edits["shop/front.yaml"] = deploymentYaml("front", image);
    if (toStaging) edits["staging/back.yaml"] = deploymentYaml("back", image);
    return world.git.commit(kUrl, "main", edits, "Use " + image);
  }
  static void promote(DeliveryWorld& world) {
    world.putApplication("staging", "staging", automatic(true, true));
    world.putApplication("shop", "shop", automatic(true, true));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->mutable_promotion()->set_from("staging");
    shop.mutable_spec()->mutable_promotion()->set_soak_seconds(600);
    world.put(shop);
  }
  /// v1 is in both.
  static void prepare(DeliveryWorld& world) {
    push(world, "app:v1");
    promote(world);
    world.start();
    world.poll();
    world.endRollouts();
    world.pass(kSoak + std::chrono::minutes(1));
    world.endRollouts();
    QCOMPARE(world.image("front"), "app:v1");
  }

 private slots:
  void aRestartDoesNotLookAtTheBranch() {
    DeliveryWorld world;
    prepare(world);
    push(world, "app:v2");
    world.poll();
    QCOMPARE(world.image("back"), "app:v2");
    world.endRollouts(false);
    world.crash();
    world.start();
    for (int i = 0; i < 10; ++i) world.poll();
    QCOMPARE(world.image("front"), "app:v1");
    world.endRollouts();
    world.pass(kSoak + std::chrono::minutes(1));
    QCOMPARE(world.image("front"), "app:v2");
  }

  void whatIsFoundUnhealthyAfterARestartHasNotSoaked_data() {
    QTest::addColumn<bool>("isHealthy");
    QTest::newRow("it has turned bad meanwhile") << false;
    QTest::newRow("it is as it was") << true;
  }
  void whatIsFoundUnhealthyAfterARestartHasNotSoaked() {
    QFETCH(bool, isHealthy);
    DeliveryWorld world;
    prepare(world);
    push(world, "app:v2");
    world.poll();
    world.endRollouts();
    world.pass(std::chrono::minutes(1));
    world.crash();
    if (!isHealthy) {
      schema::Deployment back = *world.deployment("back");
      back.mutable_status()->set_available_replicas(0);
      world.put(std::move(back));
    }
    world.pass(kSoak);
    world.start();
    world.poll();
    QCOMPARE(world.image("front"), std::string(isHealthy ? "app:v2" : "app:v1"));
    world.endRollouts();
    world.pass(kSoak + std::chrono::minutes(1));
    QCOMPARE(world.image("front"), std::string("app:v2"));
  }

  void whatWaitsWhenThePolicyBecomesStricterWaitsForThatToo() {
    DeliveryWorld world;
    push(world, "app:v1");
    world.putApplication("staging", "staging", automatic(true, true));
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    world.endRollouts();
    schema::SyncPolicy policy = automatic(true, true);
    policy.mutable_approval()->set_required(1);
    world.putApplication("shop", "shop", policy);
    push(world, "app:v2");
    world.poll();
    QVERIFY(world.open() != nullptr);
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->mutable_promotion()->set_from("staging");
    shop.mutable_spec()->mutable_promotion()->set_soak_seconds(600);
    shop.mutable_metadata()->set_generation(shop.metadata().generation() + 1);
    world.put(shop);
    world.executor.settle();
    QVERIFY2(world.status().message().find("is Progressing in staging") != std::string::npos,
             world.status().message().c_str());
    QVERIFY(world.approve(*world.open(), "ana").ok());
    world.endRollouts();
    world.pass(kSoak - std::chrono::minutes(1));
    QCOMPARE(world.image("front"), "app:v1");
    // It is asked for again under the new policy.
    world.pass(std::chrono::minutes(2));
    QCOMPARE(world.image("front"), "app:v1");
    QVERIFY(world.approve(*world.open(), "ana").ok());
    world.executor.settle();
    QCOMPARE(world.image("front"), "app:v2");
  }

  void whatWasPushedElsewhereIsNotTakenBackByABadRevision() {
    DeliveryWorld world;
    prepare(world);
    push(world, "app:v2", false);
    world.poll();
    world.endRollouts();
    QCOMPARE(world.image("front"), "app:v2");
    push(world, "app:bad");
    world.poll();
    QCOMPARE(world.image("back"), "app:bad");
    world.endRollouts(false);
    world.pass(std::chrono::hours(1));
    QCOMPARE(world.image("front"), "app:v2");
  }

  void whatChangesNothingInTheOneBeforeIsSaidToBeUnproven() {
    DeliveryWorld world;
    prepare(world);
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->mutable_sync_policy()->mutable_approval()->set_required(1);
    shop.mutable_metadata()->set_generation(shop.metadata().generation() + 1);
    world.put(shop);
    const auto message = [&] {
      for (const api::Gate& gate : world.open()->gates()) {
        if (gate.kind() == "promotion" && gate.open()) return gate.message();
      }
      return std::string("there is no open gate");
    };
    const std::string settings = push(world, "app:v2", false);
    world.poll();
    QCOMPARE(message(),
             settings.substr(0, 8) + " is in no plan of staging: it was not proven there");
    // What runs there first is proven, but not what came with it.
    push(world, "app:v3");
    world.poll();
    world.endRollouts();
    world.pass(kSoak + std::chrono::minutes(1));
    QCOMPARE(message(),
             settings.substr(0, 8) + " is in no plan of staging: it was not proven there");
    QVERIFY(world.approve(*world.open(), "ana").ok());
    world.executor.settle();
    world.endRollouts();
    push(world, "app:v4");
    world.poll();
    world.endRollouts();
    world.pass(kSoak + std::chrono::minutes(1));
    QCOMPARE(message(), "");
  }

  void whatIsPushedWhileARollbackIsOnItsWayIsNotPromoted_data() {
    QTest::addColumn<bool>("restarted");
    QTest::newRow("the controller runs on") << false;
    QTest::newRow("the controller starts anew, and Git is away") << true;
  }
  void whatIsPushedWhileARollbackIsOnItsWayIsNotPromoted() {
    QFETCH(bool, restarted);
    DeliveryWorld world;
    prepare(world);
    push(world, "app:v2");
    world.poll();
    world.endRollouts();
    world.pass(kSoak + std::chrono::minutes(1));
    world.endRollouts();
    QCOMPARE(world.image("front"), "app:v2");
    world.git.beforeNextRevert([&] { push(world, "app:v3"); });
    api::RollbackRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    absl::StatusOr<api::RollbackPreview> preview = absl::UnknownError("no answer");
    world.loop->previewRollback(request, [&](const auto& answer) { preview = answer; });
    world.pass(std::chrono::seconds(5));
    QVERIFY2(preview.ok(), preview.status().ToString().c_str());
    request.set_to(preview->to().name());
    request.set_digest(preview->plan().digest());
    request.set_reason("it was better before");
    world.loop->rollback({"ana"}, request, [](const auto&) {});
    world.poll();
    QCOMPARE(world.image("front"), "app:v1");
    // Staging has v3 by now, which does not get well.
    QCOMPARE(world.image("back"), "app:v3");
    world.endRollouts(false);
    if (restarted) {
      world.git.setUnreachable(kUrl, true);
      world.crash();
      world.start();
    }
    std::vector<std::string> holds;
    for (const auto& [name, entry] : world.state().holds.entries()) holds.push_back(name.name);
    QVERIFY(!holds.empty());
    for (const std::string& hold : holds) {
      api::LiftHoldRequest lift;
      lift.set_namespace_("gantry-system");
      lift.set_hold(hold);
      lift.set_reason("it is good after all");
      QVERIFY(world.loop->liftHold({"ana"}, lift).ok());
    }
    for (int i = 0; i < 10; ++i) world.poll();
    QVERIFY2(world.image("front") != "app:v3", world.status().message().c_str());
  }
};

QTEST_GUILESS_MAIN(TstDeliveryPromotion)
#include "tst_delivery_promotion.moc"
