// SPDX-License-Identifier: Apache-2.0
// What every implementation of store::Store promises.
#include <QTemporaryDir>
#include <QTest>
#include <map>
#include <memory>
#include <random>

#include "controller/store/memory_store.h"
#include "controller/store/sqlite_store.h"

using gantry::store::MemoryStore;
using gantry::store::Record;
using gantry::store::SqliteStore;
using gantry::store::Store;
using gantry::store::Write;

namespace {

Write put(std::string key, std::string value, std::int64_t expected = 0) {
  return {std::move(key), std::move(value), expected};
}
Write erase(std::string key, std::int64_t expected) {
  return {std::move(key), std::nullopt, expected};
}

}  // namespace

class TstStore : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;
  int files_ = 0;

  std::unique_ptr<Store> makeStore() {
    QFETCH(QString, implementation);
    if (implementation == "memory") return std::make_unique<MemoryStore>();
    auto opened = SqliteStore::open(folder_.filePath(QString("%1.db").arg(++files_)).toStdString());
    return opened.ok() ? std::move(*opened) : nullptr;
  }

  static void implementations() {
    QTest::addColumn<QString>("implementation");
    QTest::newRow("in memory") << "memory";
    QTest::newRow("in SQLite") << "sqlite";
  }

 private slots:
  void aBatchIsWrittenWithOneVersion_data() { implementations(); }
  void aBatchIsWrittenWithOneVersion() {
    const auto store = makeStore();
    QVERIFY(store);
    const auto revision = store->commit({put("/a/1", "one"), put("/a/2", std::string("\0x", 2))});
    QVERIFY2(revision.ok(), revision.status().ToString().c_str());
    const auto records = store->list("/a/");
    QVERIFY(records.ok());
    QCOMPARE(records->size(), 2u);
    QCOMPARE((*records)[0].key, "/a/1");
    QCOMPARE((*records)[0].value, "one");
    QCOMPARE((*records)[0].version, *revision);
    QCOMPARE((*records)[1].value, std::string("\0x", 2));
    QCOMPARE((*records)[1].version, *revision);
  }

  void listGivesAPrefixInOrderOfKeys_data() { implementations(); }
  void listGivesAPrefixInOrderOfKeys() {
    const auto store = makeStore();
    QVERIFY(store
                ->commit({put("/pods/b", ""), put("/pods/a", ""), put("/podsets/a", ""),
                          put("/pods/a\xc3\xbc", ""), put("/nodes/a", "")})
                .ok());
    std::vector<std::string> keys;
    const auto records = store->list("/pods/");
    QVERIFY(records.ok());
    for (const Record& record : *records) keys.push_back(record.key);
    QCOMPARE(keys, (std::vector<std::string>{"/pods/a", "/pods/a\xc3\xbc", "/pods/b"}));
  }

  void oneWrongVersionAbortsTheWholeBatch_data() {
    QTest::addColumn<QString>("implementation");
    QTest::addColumn<int>("expected");
    QTest::addColumn<bool>("deletes");
    QTest::addColumn<QString>("key");
    for (const char* implementation : {"memory", "sqlite"}) {
      const auto row = [&](const char* name) -> QTestData& {
        return QTest::addRow("%s, %s", name, implementation) << implementation;
      };
      row("creating what exists") << 0 << false << "/b";
      row("changing an older version") << 99 << false << "/b";
      row("changing what does not exist") << 1 << false << "/none";
      row("deleting an older version") << 99 << true << "/b";
      row("deleting what does not exist") << 1 << true << "/none";
      row("deleting what should not exist") << 0 << true << "/b";
    }
  }
  void oneWrongVersionAbortsTheWholeBatch() {
    QFETCH(int, expected);
    QFETCH(bool, deletes);
    QFETCH(QString, key);
    const auto store = makeStore();
    QVERIFY(store->commit({put("/b", "old")}).ok());
    const std::string wrong = key.toStdString();
    const auto result = store->commit(
        {put("/a", "new"), deletes ? erase(wrong, expected) : put(wrong, "new", expected)});
    QVERIFY(absl::IsAborted(result.status()));
    QVERIFY2(result.status().message().find(wrong) != std::string::npos, "names the key");
    const auto records = store->list("/");
    QCOMPARE(records->size(), 1u);
    QCOMPARE((*records)[0].value, "old");
  }

  void deletingWhatIsAbsentSucceedsIfItIsExpectedToBe_data() { implementations(); }
  void deletingWhatIsAbsentSucceedsIfItIsExpectedToBe() {
    const auto store = makeStore();
    QVERIFY(store->commit({erase("/none", 0), put("/a", "1")}).ok());
    QCOMPARE(store->list("/")->size(), 1u);
  }

  void aVersionIsNeverGivenTwice_data() { implementations(); }
  void aVersionIsNeverGivenTwice() {
    const auto store = makeStore();
    const std::int64_t first = *store->commit({put("/a", "1")});
    const std::int64_t second = *store->commit({erase("/a", first)});
    const std::int64_t third = *store->commit({put("/a", "1")});
    QVERIFY(first > 0);
    QVERIFY(first < second);
    QVERIFY(second < third);
    QVERIFY(absl::IsAborted(store->commit({put("/a", "2", first)}).status()));
  }

  // The same random batches on both, some of them wrong: every answer and the content agree.
  void behavesAsAMapWithVersions_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 20; ++seed) QTest::addRow("seed %d", seed) << seed;
  }
  void behavesAsAMapWithVersions() {
    QFETCH(int, seed);
    std::mt19937 random(seed);
    MemoryStore model;
    const auto opened =
        SqliteStore::open(folder_.filePath(QString("seed%1.db").arg(seed)).toStdString());
    QVERIFY(opened.ok());
    std::map<std::string, std::int64_t> versions;
    for (int step = 0; step < 60; ++step) {
      std::map<std::string, Write> batch;
      for (unsigned i = 0; i <= random() % 3; ++i) {
        const std::string key = "/k/" + std::to_string(random() % 8);
        const std::int64_t expected = random() % 8 == 0 ? random() % 5 : versions[key];
        batch[key] =
            random() % 3 ? put(key, std::to_string(random()), expected) : erase(key, expected);
      }
      std::vector<Write> writes;
      for (const auto& [key, write] : batch) writes.push_back(write);
      const auto wanted = model.commit(writes);
      const auto got = (*opened)->commit(writes);
      QCOMPARE(got.status().code(), wanted.status().code());
      if (!got.ok()) continue;
      QCOMPARE(*got, *wanted);
      for (const auto& [key, write] : batch) versions[key] = write.value ? *got : 0;
    }
    const auto wanted = *model.list("/");
    const auto got = *(*opened)->list("/");
    QCOMPARE(got.size(), wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      QCOMPARE(got[i].key, wanted[i].key);
      QCOMPARE(got[i].value, wanted[i].value);
      QCOMPARE(got[i].version, wanted[i].version);
    }
  }
};

QTEST_GUILESS_MAIN(TstStore)
#include "tst_store.moc"
