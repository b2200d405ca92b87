// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_world.h"

using namespace gantry;
using namespace gantry::tests;

namespace {

webhooks::PushHint pushed(const std::string& url, const std::string& ref) {
  return {{*webhooks::parseRepositoryUrl(url)}, {ref}};
}

std::string push(DeliveryWorld& world, const std::string& value) {
  return world.git.commit(kUrl, "main", {{"shop/config.yaml", configYaml("config", value)}},
                          "Greet with " + value);
}

}  // namespace

/// Push webhooks, as the delivery loop sees them.
class TstDeliveryHint : public QObject {
  Q_OBJECT

 private slots:
  void bringsTheNextFetchForward() {
    DeliveryWorld world;
    push(world, "hello");
    world.putApplication("shop", "shop", automatic());
    world.start();
    const std::string before = world.status().observed().commit();
    const std::string after = push(world, "good morning");
    world.loop->hint(pushed(std::string("file://") + kUrl, "refs/heads/main"));
    world.pass(base::Duration(100));
    QCOMPARE(world.status().observed().commit(), after);
    QVERIFY(before != after);
  }

  // A thousand Applications of a repository ask its server as often as one.
  void whoFollowsTheSameAsksTogether() {
    DeliveryWorld world;
    push(world, "hello");
    for (int i = 0; i < 20; ++i)
      world.putApplication(absl::StrCat("shop-", i), "shop", automatic());
    world.start();
    const int moments = world.git.momentsOfFetches();
    const int fetches = world.git.fetches();
    world.pass(std::chrono::minutes(10));
    // Every 24 to 36 s.
    QVERIFY2(world.git.momentsOfFetches() - moments <= 25,
             QByteArray::number(world.git.momentsOfFetches() - moments));
    QVERIFY(world.git.fetches() - fetches >= 20 * 16);
  }

  void leavesOthersAsTheyAre_data() {
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("ref");
    QTest::newRow("another repository") << "https://git.example.com/x" << "refs/heads/main";
    QTest::newRow("another branch") << kUrl << "refs/heads/feature";
    QTest::newRow("a tag") << kUrl << "refs/tags/v1.0.0";
  }
  void leavesOthersAsTheyAre() {
    QFETCH(QString, url);
    QFETCH(QString, ref);
    DeliveryWorld world;
    push(world, "hello");
    world.putApplication("shop", "shop", automatic());
    world.start();
    const int fetches = world.git.fetches();
    world.loop->hint(pushed(url.toStdString(), ref.toStdString()));
    world.pass(base::Duration(100));
    QCOMPARE(world.git.fetches(), fetches);
  }

  void isBelievedNothing() {
    DeliveryWorld world;
    push(world, "hello");
    world.putApplication("shop", "shop", automatic());
    world.start();
    const std::string observed = world.status().observed().commit();
    world.loop->hint(pushed(kUrl, "refs/heads/main"));
    world.pass(base::Duration(100));
    QCOMPARE(world.status().observed().commit(), observed);
  }

  void manyAskGitOnceMore() {
    DeliveryWorld world;
    push(world, "hello");
    world.putApplication("shop", "shop", automatic());
    world.start();
    const int fetches = world.git.fetches();
    for (int i = 0; i < 100; ++i) world.loop->hint(pushed(kUrl, "refs/heads/main"));
    world.pass(base::Duration(1'000));
    // The one under way, and one that sees what came later.
    QCOMPARE(world.git.fetches(), fetches + 2);
  }
};

QTEST_GUILESS_MAIN(TstDeliveryHint)
#include "tst_delivery_hint.moc"
