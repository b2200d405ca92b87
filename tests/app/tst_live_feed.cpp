// SPDX-License-Identifier: Apache-2.0
#include <QTest>
#include <random>

#include "app/client/live_feed.h"
#include "tests/support/fake_connection.h"
#include "tests/support/manual_executor.h"

using namespace gantry;
using namespace gantry::client;
using namespace std::chrono_literals;

namespace {

api::Object podObject(const std::string& name, const std::string& version = "") {
  api::Object object;
  object.mutable_pod()->mutable_metadata()->set_name(name);
  object.mutable_pod()->mutable_metadata()->set_namespace_("ns");
  object.mutable_pod()->mutable_metadata()->set_resource_version(version);
  return object;
}

api::WatchResponse snapshot(const std::vector<api::Object>& objects) {
  api::WatchResponse response;
  response.set_snapshot_begin(true);
  for (const api::Object& object : objects) *response.add_put() = object;
  response.set_snapshot_done(true);
  return response;
}

Batch batchOf(const std::vector<api::Object>& objects, bool whole) {
  Batch batch{.snapshotBegin = whole, .snapshotDone = whole, .objects = {}};
  for (const api::Object& object : objects) {
    batch.objects[{object.object_case(), keyOf(object)}] = std::make_shared<api::Object>(object);
  }
  return batch;
}

std::vector<std::string> names(const std::vector<Key>& keys) {
  std::vector<std::string> found;
  for (const Key& key : keys) found.push_back(key.name);
  return found;
}

using Names = std::vector<std::string>;

}  // namespace

class TstLiveFeed : public QObject {
  Q_OBJECT

 private slots:
  void aSecondSnapshotIsTakenInAsTheDifference() {
    LiveCache cache;
    Changes last;
    const auto subscription =
        cache.observe(Kind::kPod, [&](const Changes& changes) { last = changes; });
    cache.apply(batchOf({podObject("a", "1"), podObject("b", "1"), podObject("c", "1")}, true));
    QCOMPARE(names(last.added), (Names{"a", "b", "c"}));
    cache.apply(batchOf({podObject("a", "1"), podObject("b", "2"), podObject("d", "1")}, true));
    QCOMPARE(names(last.removed), Names{"c"});
    QCOMPARE(names(last.added), Names{"d"});
    QCOMPARE(names(last.changed), Names{"b"});
  }

  void nothingIsRemovedBeforeASnapshotIsComplete() {
    LiveCache cache;
    cache.apply(batchOf({podObject("a"), podObject("b")}, true));
    Batch begun = batchOf({podObject("a")}, false);
    begun.snapshotBegin = true;
    cache.apply(begun);
    QCOMPARE(cache.table(Kind::kPod).size(), 2U);
    QCOMPARE(cache.snapshotProgress(), 50);
    cache.apply(Batch{.snapshotDone = true, .objects = {}});
    QCOMPARE(cache.table(Kind::kPod).size(), 1U);
  }

  /// Whatever is put and deleted, in whatever batches: who only follows the changes ends up with
  /// the same keys as the cache, and no change names a key twice.
  void observersCanFollowByChangesAlone() {
    for (unsigned seed = 1; seed <= 50; ++seed) {
      std::mt19937 random(seed);
      LiveCache cache;
      std::set<Key> followed;
      const auto subscription = cache.observe(Kind::kPod, [&](const Changes& changes) {
        for (const Key& key : changes.removed) QCOMPARE(followed.erase(key), 1U);
        for (const Key& key : changes.added) QVERIFY(followed.insert(key).second);
        for (const Key& key : changes.changed) QVERIFY(followed.contains(key));
      });
      for (int step = 0; step < 60; ++step) {
        Batch batch;
        batch.snapshotBegin = random() % 10 == 0;
        batch.snapshotDone = random() % 5 == 0;
        for (unsigned i = 0; i < random() % 8; ++i) {
          const api::Object object = podObject("p" + std::to_string(random() % 12));
          batch.objects[{Kind::kPod, keyOf(object)}] =
              random() % 3 == 0 ? nullptr : std::make_shared<api::Object>(object);
        }
        cache.apply(batch);
        std::set<Key> keys;
        for (const auto& [key, pod] : cache.table(Kind::kPod)) keys.insert(key);
        QVERIFY2(keys == followed, qPrintable(QString("seed %1 step %2").arg(seed).arg(step)));
      }
    }
  }

  void aLostLinkKeepsWhatWasShownAndComesBack() {
    support::ManualExecutor executor;
    support::FakeConnection connection;
    LiveFeed feed(executor, connection);
    feed.start();
    QCOMPARE(feed.freshness().state, Freshness::kConnecting);
    connection.lastWatch().onMessage(snapshot({podObject("a"), podObject("b")}));
    executor.settle();
    QCOMPARE(feed.freshness().state, Freshness::kLive);

    connection.lastWatch().onEnd(absl::UnavailableError("gone"));
    executor.settle();
    QCOMPARE(feed.freshness().state, Freshness::kStale);
    QCOMPARE(feed.freshness().error, std::string("gone"));
    QCOMPARE(feed.cache().table(Kind::kPod).size(), 2U);
    executor.advance(500ms);
    QCOMPARE(connection.watches(), 2);
    connection.lastWatch().onMessage(snapshot({podObject("b")}));
    executor.settle();
    QCOMPARE(feed.freshness().state, Freshness::kLive);
    QCOMPARE(feed.cache().table(Kind::kPod).size(), 1U);
  }

  void tryingAgainSlowsDown() {
    support::ManualExecutor executor;
    support::FakeConnection connection;
    LiveFeed feed(executor, connection);
    feed.start();
    for (int i = 0; i < 600; ++i) {
      if (connection.hasWatch()) connection.takeWatch().onEnd(absl::UnavailableError("refused"));
      executor.advance(100ms);
    }
    // 60 s with delays of 0.2, 0.4, … 10 s, each up to a quarter off.
    QVERIFY2(connection.watches() >= 8 && connection.watches() <= 16,
             qPrintable(QString::number(connection.watches())));
  }

  void silenceIsNoticedAndEnded() {
    support::ManualExecutor executor;
    support::FakeConnection connection;
    LiveFeed feed(executor, connection);
    feed.start();
    connection.lastWatch().onMessage(snapshot({podObject("a")}));
    executor.settle();
    executor.advance(2900ms);
    QCOMPARE(feed.freshness().state, Freshness::kLive);
    executor.advance(200ms);
    QCOMPARE(feed.freshness().state, Freshness::kStale);
    executor.advance(5s);
    QCOMPARE(connection.watches(), 2);
    executor.advance(60s);
    QCOMPARE(feed.freshness().state, Freshness::kOffline);
    QCOMPARE(feed.cache().table(Kind::kPod).size(), 1U);
  }

  void aHeartbeatKeepsItLive() {
    support::ManualExecutor executor;
    support::FakeConnection connection;
    LiveFeed feed(executor, connection);
    feed.start();
    connection.lastWatch().onMessage(snapshot({}));
    for (int i = 0; i < 30; ++i) {
      executor.advance(2s);
      connection.lastWatch().onMessage({});
      executor.settle();
      QCOMPARE(feed.freshness().state, Freshness::kLive);
    }
    QCOMPARE(connection.watches(), 1);
  }

  void messagesOfAnOldStreamAreDropped() {
    support::ManualExecutor executor;
    support::FakeConnection connection;
    LiveFeed feed(executor, connection);
    feed.start();
    const auto old = connection.lastWatch();
    feed.resync();
    old.onMessage(snapshot({podObject("stale")}));
    connection.lastWatch().onMessage(snapshot({podObject("fresh")}));
    executor.settle();
    QCOMPARE(feed.cache().table(Kind::kPod).size(), 1U);
    QVERIFY(feed.cache().find(Kind::kPod, {"ns", "fresh"}) != nullptr);
  }

  void changesWhileTheConsumerSleepsAreMerged() {
    support::ManualExecutor executor;
    support::FakeConnection connection;
    LiveFeed feed(executor, connection);
    feed.start();
    connection.lastWatch().onMessage(snapshot({podObject("a", "1")}));
    executor.settle();
    int calls = 0;
    const auto subscription = feed.cache().observe(Kind::kPod, [&](const Changes&) { ++calls; });
    for (int version = 2; version < 100; ++version) {
      api::WatchResponse response;
      *response.add_put() = podObject("a", std::to_string(version));
      connection.lastWatch().onMessage(std::move(response));
    }
    executor.settle();
    QCOMPARE(calls, 1);
    QCOMPARE(feed.cache().find(Kind::kPod, {"ns", "a"})->pod().metadata().resource_version(),
             std::string("99"));
  }

  void freshnessIsJudged_data() {
    QTest::addColumn<bool>("connected");
    QTest::addColumn<bool>("inSnapshot");
    QTest::addColumn<int>("silentMs");
    QTest::addColumn<int>("pendingMs");
    QTest::addColumn<int>("state");
    QTest::newRow("connected and heard of: live")
        << true << false << 100 << -1 << int(Freshness::kLive);
    QTest::newRow("what came is not shown for long: lagging")
        << true << false << 100 << 1500 << int(Freshness::kLagging);
    QTest::newRow("fetching the difference: resync")
        << true << true << 100 << -1 << int(Freshness::kResync);
    QTest::newRow("connected but silent: stale")
        << true << false << 3000 << -1 << int(Freshness::kStale);
    QTest::newRow("no stream: stale at once")
        << false << false << 10 << -1 << int(Freshness::kStale);
    QTest::newRow("no stream for a minute: offline")
        << false << true << 60000 << -1 << int(Freshness::kOffline);
  }
  void freshnessIsJudged() {
    QFETCH(bool, connected);
    QFETCH(bool, inSnapshot);
    QFETCH(int, silentMs);
    QFETCH(int, pendingMs);
    const base::Instant now(1h);
    LinkFacts facts;
    facts.hasSnapshot = true;
    facts.connected = connected;
    facts.inSnapshot = inSnapshot;
    facts.lastHeard = now - base::Duration(silentMs);
    if (pendingMs >= 0) facts.oldestPending = now - base::Duration(pendingMs);
    QTEST(int(judgeFreshness(facts, now).state), "state");
  }
};

QTEST_GUILESS_MAIN(TstLiveFeed)
#include "tst_live_feed.moc"
