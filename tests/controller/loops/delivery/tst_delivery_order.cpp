// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// What another Application has to be before.
class TstDeliveryOrder : public QObject {
  Q_OBJECT

 private slots:
  void aDependencyIsJudgedByWhatGitHolds() {
    DeliveryWorld world;
    world.git.commit(kUrl, "main", {{"db/db.yaml", deploymentYaml("db", "db:v1")}}, "A database");
    world.putApplication("db", "db", manual());
    prepare(world, automatic(true, true));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->add_depends_on("db");
    shop.mutable_metadata()->set_generation(shop.metadata().generation() + 1);
    world.put(shop);
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY2(world.open()->message().find("blocked by db: its revision") == 0,
             world.open()->message().c_str());
    QVERIFY(world.sync("db").ok());
    QCOMPARE(world.image(), "front:v1");
    QVERIFY2(world.open()->message().find("blocked by db: it is Progressing") == 0,
             world.open()->message().c_str());
    world.endRollouts();
    QCOMPARE(world.image(), "front:v2");
    // A circle never opens, and says so.
    schema::Application db = *world.state().applications.find({"gantry-system", "db"});
    db.mutable_spec()->add_depends_on("shop");
    db.mutable_metadata()->set_generation(db.metadata().generation() + 1);
    world.put(db);
    push(world, "front:v3");
    world.poll();
    QCOMPARE(world.open()->message(), "dependsOn goes in a circle: shop → db → shop");
  }

  void productionTakesOnlyWhatWasHealthyInStaging() {
    DeliveryWorld world;
    const auto both = [&](const std::string& image) {
      return world.git.commit(kUrl, "main",
                              {{"shop/front.yaml", deploymentYaml("front", image)},
                               {"staging/back.yaml", deploymentYaml("back", image)}},
                              "Use " + image);
    };
    const std::string first = both("app:v1");
    world.putApplication("staging", "staging", automatic(true, true));
    world.putApplication("shop", "shop", automatic(true, true));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->mutable_promotion()->set_from("staging");
    shop.mutable_spec()->mutable_promotion()->set_soak_seconds(600);
    world.put(shop);
    world.start();
    world.poll();
    QCOMPARE(world.image("back"), "app:v1");
    QCOMPARE(world.image("front"), "");
    QVERIFY2(world.status().message().find("is Progressing in staging") != std::string::npos,
             world.status().message().c_str());
    world.endRollouts();
    world.pass(std::chrono::minutes(9));
    QCOMPARE(world.image("front"), "");
    QVERIFY(world.status().message().find("must be healthy in staging until") != std::string::npos);
    world.pass(std::chrono::minutes(2));
    QCOMPARE(world.image("front"), "app:v1");
    world.endRollouts();
    // A bad one goes no further.
    both("app:v2");
    world.poll();
    QCOMPARE(world.image("back"), "app:v2");
    world.endRollouts(false);
    world.pass(std::chrono::hours(1));
    QCOMPARE(world.image("front"), "app:v1");
    // And what is not healthy for long enough does not either.
    both("app:v3");
    world.poll();
    world.endRollouts();
    world.pass(std::chrono::minutes(5));
    world.endRollouts(false);
    world.pass(std::chrono::minutes(6));
    QCOMPARE(world.image("front"), "app:v1");
    const auto asked = world.sync();
    QVERIFY(asked.ok());
    QVERIFY2(asked->message().find("is no longer healthy in staging") != std::string::npos,
             asked->message().c_str());
    world.endRollouts();
    world.pass(std::chrono::minutes(11));
    QCOMPARE(world.image("front"), "app:v3");
  }

  void aWindowOpensOnTimeWhileTheNextRevisionSoaks() {
    DeliveryWorld world;
    const auto both = [&](const std::string& image) {
      world.git.commit(kUrl, "main",
                       {{"shop/front.yaml", deploymentYaml("front", image)},
                        {"staging/back.yaml", deploymentYaml("back", image)}},
                       "Use " + image);
    };
    both("app:v1");
    world.putApplication("staging", "staging", automatic(true, true));
    schema::SyncPolicy policy = automatic(true, true);
    *policy.add_windows() = window("allow", "0 1 * * *", "30m");
    world.putApplication("shop", "shop", policy);
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->mutable_promotion()->set_from("staging");
    shop.mutable_spec()->mutable_promotion()->set_soak_seconds(600);
    world.put(shop);
    world.start();
    world.endRollouts();
    world.pass(std::chrono::minutes(54));
    QVERIFY2(world.status().message().find("month end") != std::string::npos,
             world.status().message().c_str());
    both("app:v2");
    world.poll();
    world.endRollouts();
    world.pass(std::chrono::minutes(7));
    QCOMPARE(world.image("back"), "app:v2");
    QCOMPARE(world.image("front"), "app:v1");
    world.pass(std::chrono::minutes(9));
    QCOMPARE(world.image("front"), "app:v2");
  }
};

QTEST_GUILESS_MAIN(TstDeliveryOrder)
#include "tst_delivery_order.moc"
