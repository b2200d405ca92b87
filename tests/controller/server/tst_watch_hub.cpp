// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "controller/server/watch_hub.h"
#include "controller/store/memory_store.h"
#include "tests/support/manual_executor.h"

using namespace gantry;
using namespace gantry::server;

namespace {

schema::ConfigMap configMap(const std::string& ns, const std::string& name,
                            const std::string& value) {
  schema::ConfigMap map;
  map.mutable_metadata()->set_namespace_(ns);
  map.mutable_metadata()->set_name(name);
  (*map.mutable_data())["value"] = value;
  return map;
}

/// A watcher that keeps what it is told, as a client would.
struct Watcher {
  std::shared_ptr<WatchFeed> feed;
  std::shared_ptr<int> wakes = std::make_shared<int>(0);
  std::map<std::string, std::string> values;
  std::vector<api::WatchResponse> messages;

  /// False if there was nothing to take.
  bool takeOne() {
    api::WatchResponse response;
    if (feed->next(response) != Pulled::kMessage) return false;
    if (response.snapshot_begin()) values.clear();
    for (const auto& object : response.put()) {
      const schema::ConfigMap& map = object.config_map();
      values[absl::StrCat(map.metadata().namespace_(), "/", map.metadata().name())] =
          map.data().at("value");
    }
    for (const auto& ref : response.deleted()) {
      values.erase(absl::StrCat(ref.namespace_(), "/", ref.name()));
    }
    messages.push_back(std::move(response));
    return true;
  }
  void takeAll() {
    while (takeOne()) {
    }
  }
};

}  // namespace

class TstWatchHub : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    executor_ = std::make_unique<support::ManualExecutor>();
    store_ = std::make_unique<store::MemoryStore>();
    ledger_ = *model::Ledger::open(*store_);
    hub_ = std::make_unique<WatchHub>(*executor_, *ledger_);
  }

  void beginsWithASnapshotInChunks() {
    model::Transaction transaction(ledger_->state());
    for (int i = 0; i < 1200; ++i) {
      transaction.put(configMap("shop", absl::StrCat("map-", i), "1"));
    }
    commit(std::move(transaction));
    Watcher watcher = subscribe();
    QCOMPARE(*watcher.wakes, 1);
    watcher.takeAll();
    QCOMPARE(watcher.messages.size(), std::size_t(5));
    QVERIFY(watcher.messages.front().snapshot_begin());
    QCOMPARE(watcher.messages[1].put_size(), 500);
    QCOMPARE(watcher.messages[3].put_size(), 200);
    QVERIFY(watcher.messages.back().snapshot_done());
    QCOMPARE(watcher.values.size(), std::size_t(1200));
    QCOMPARE(watcher.messages.back().revision(), std::uint64_t(1));
  }

  void beginsWithAnEmptySnapshotToo() {
    Watcher watcher = subscribe();
    watcher.takeAll();
    QCOMPARE(watcher.messages.size(), std::size_t(2));
    QVERIFY(watcher.messages[0].snapshot_begin());
    QVERIFY(watcher.messages[1].snapshot_done());
  }

  void splitsMessagesThatAreTooLarge() {
    model::Transaction transaction(ledger_->state());
    for (int i = 0; i < 8; ++i) {
      transaction.put(configMap("shop", absl::StrCat(i), std::string(400'000, 'x')));
    }
    commit(std::move(transaction));
    Watcher watcher = subscribe();
    watcher.takeAll();
    for (const auto& message : watcher.messages) {
      QVERIFY(message.ByteSizeLong() < WatchFeed::kBytesPerMessage + 500'000);
    }
    QCOMPARE(watcher.values.size(), std::size_t(8));
    QVERIFY(watcher.messages.back().snapshot_done());
  }

  void tellsChangesAndDeletions() {
    put("shop", "a", "1");
    Watcher watcher = subscribe();
    watcher.takeAll();
    put("shop", "a", "2");
    put("shop", "b", "1");
    watcher.takeAll();
    QCOMPARE(watcher.values,
             (std::map<std::string, std::string>{{"shop/a", "2"}, {"shop/b", "1"}}));
    erase("shop", "a");
    watcher.takeAll();
    QCOMPARE(watcher.values, (std::map<std::string, std::string>{{"shop/b", "1"}}));
    QCOMPARE(watcher.messages.back().deleted(0).kind(), std::string("ConfigMap"));
  }

  void mergesWhatASlowWatcherHasNotTaken() {
    Watcher watcher = subscribe();
    watcher.takeAll();
    const std::size_t before = watcher.messages.size();
    for (int i = 0; i < 1000; ++i) put("shop", "a", absl::StrCat(i));
    watcher.takeAll();
    QCOMPARE(watcher.messages.size(), before + 1);
    QCOMPARE(watcher.messages.back().put_size(), 1);
    QCOMPARE(watcher.values.at("shop/a"), std::string("999"));
  }

  void doesNotMixChangesIntoASnapshotThatIsUnderWay() {
    put("shop", "a", "old");
    Watcher watcher = subscribe();
    QVERIFY(watcher.takeOne());
    put("shop", "a", "new");
    watcher.takeAll();
    QCOMPARE(watcher.values.at("shop/a"), std::string("new"));
    QCOMPARE(watcher.messages.size(), std::size_t(4));
    QVERIFY(watcher.messages[2].snapshot_done());
  }

  void tellsEverythingAgainInsteadOfTooMuch() {
    Watcher watcher = subscribe();
    watcher.takeAll();
    const int tooMany = static_cast<int>(WatchFeed::kMostPending) + 1;
    model::Transaction create(ledger_->state());
    for (int i = 0; i < tooMany; ++i) create.put(configMap("shop", absl::StrCat(i), "1"));
    commit(std::move(create));
    model::Transaction destroy(ledger_->state());
    for (int i = 1; i < tooMany; ++i) destroy.erase<schema::ConfigMap>({"shop", absl::StrCat(i)});
    commit(std::move(destroy));
    const std::size_t before = watcher.messages.size();
    watcher.takeAll();
    QVERIFY(watcher.messages[before].snapshot_begin());
    QCOMPARE(watcher.values, (std::map<std::string, std::string>{{"shop/0", "1"}}));
  }

  void tellsOnlyWhatWasAskedFor() {
    model::Transaction transaction(ledger_->state());
    schema::Node node;
    node.mutable_metadata()->set_name("n1");
    transaction.put(node);
    transaction.put(configMap("shop", "a", "1"));
    transaction.put(configMap("blog", "a", "1"));
    commit(std::move(transaction));
    api::WatchRequest request;
    request.add_kinds("ConfigMap");
    request.set_namespace_("shop");
    Watcher watcher = subscribe(request);
    put("blog", "b", "1");
    put("shop", "b", "1");
    watcher.takeAll();
    QCOMPARE(watcher.values,
             (std::map<std::string, std::string>{{"shop/a", "1"}, {"shop/b", "1"}}));
  }

  void refusesKindsThatDoNotExist() {
    api::WatchRequest request;
    request.add_kinds("Gadget");
    QCOMPARE(hub_->subscribe(request, [] {}).status().code(), absl::StatusCode::kInvalidArgument);
  }

  void isNeverSilentForMoreThanTwoSeconds() {
    Watcher watcher = subscribe();
    watcher.takeAll();
    for (int second = 0; second < 10; ++second) {
      const std::size_t before = watcher.messages.size();
      const int wakes = *watcher.wakes;
      executor_->advance(std::chrono::seconds(2));
      watcher.takeAll();
      QVERIFY(watcher.messages.size() > before);
      QVERIFY(*watcher.wakes > wakes);
    }
  }

  void forgetsWatchersThatHaveGone() {
    Watcher watcher = subscribe();
    QCOMPARE(hub_->watchers(), std::size_t(1));
    watcher.feed.reset();
    put("shop", "a", "1");
    QCOMPARE(hub_->watchers(), std::size_t(0));
  }

  void neverSendsASecret() {
    model::Transaction transaction(ledger_->state());
    schema::Secret secret;
    secret.mutable_metadata()->set_namespace_("shop");
    secret.mutable_metadata()->set_name("db");
    (*secret.mutable_data())["password"] = "hunter2";
    transaction.put(secret);
    commit(std::move(transaction));
    Watcher watcher;
    watcher.feed = *hub_->subscribe({}, [] {});
    std::string sent;
    api::WatchResponse response;
    while (watcher.feed->next(response) == Pulled::kMessage) {
      sent += response.SerializeAsString();
      response.Clear();
    }
    QVERIFY(sent.find("password") != std::string::npos);
    QVERIFY(sent.find("hunter2") == std::string::npos);
  }

  // Whatever happens, and however slowly a watcher reads, in the end it knows the state.
  void endsWithTheStateOfTheLedger_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 0; seed < 50; ++seed) QTest::addRow("seed %d", seed) << seed;
  }
  void endsWithTheStateOfTheLedger() {
    QFETCH(int, seed);
    std::mt19937 random(static_cast<unsigned>(seed));
    Watcher watcher = subscribe();
    for (int step = 0; step < 300; ++step) {
      const std::string name = absl::StrCat(random() % 20);
      switch (random() % 4) {
        case 0:
          erase("shop", name);
          break;
        case 1:
          watcher.takeOne();
          break;
        default:
          put("shop", name, absl::StrCat(step));
          break;
      }
      if (random() % 100 == 0) watcher.feed->restart(ledger_->state());
    }
    watcher.takeAll();
    std::map<std::string, std::string> expected;
    for (const auto& [name, entry] : ledger_->state().configMaps.entries()) {
      expected[absl::StrCat(name.ns, "/", name.name)] = entry.object->data().at("value");
    }
    QCOMPARE(watcher.values, expected);
  }

 private:
  Watcher subscribe(const api::WatchRequest& request = {}) {
    Watcher watcher;
    watcher.feed = *hub_->subscribe(request, [wakes = watcher.wakes] { ++*wakes; });
    return watcher;
  }
  void commit(model::Transaction transaction) {
    const absl::Status status = ledger_->commit(std::move(transaction));
    QVERIFY2(status.ok(), status.ToString().c_str());
  }
  void put(const std::string& ns, const std::string& name, const std::string& value) {
    model::Transaction transaction(ledger_->state());
    transaction.put(configMap(ns, name, value));
    commit(std::move(transaction));
  }
  void erase(const std::string& ns, const std::string& name) {
    model::Transaction transaction(ledger_->state());
    transaction.erase<schema::ConfigMap>({ns, name});
    commit(std::move(transaction));
  }

  std::unique_ptr<support::ManualExecutor> executor_;
  std::unique_ptr<store::MemoryStore> store_;
  std::unique_ptr<model::Ledger> ledger_;
  std::unique_ptr<WatchHub> hub_;
};

QTEST_GUILESS_MAIN(TstWatchHub)
#include "tst_watch_hub.moc"
