// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/loops/events.h"
#include "controller/store/memory_store.h"
#include "tests/support/manual_executor.h"

using namespace gantry;
using loops::EventRecorder;
using loops::Remark;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

Remark remark(const std::string& pod, const std::string& message) {
  Remark said;
  said.kind = "Pod";
  said.name = {"shop", pod};
  said.uid = "uid-" + pod;
  said.reason = "BackOff";
  said.message = message;
  said.source = "agent/node-1";
  return said;
}

struct Fixture {
  support::ManualExecutor executor;
  store::MemoryStore store;
  std::unique_ptr<model::Ledger> ledger = *model::Ledger::open(store);
  std::unique_ptr<EventRecorder> events = std::make_unique<EventRecorder>(executor, *ledger);

  Fixture() { events->start(); }
  const model::Table<schema::Event>& table() const { return ledger->state().events; }
  const schema::Event& only() const { return *table().entries().begin()->second.object; }
};

}  // namespace

class TstEvents : public QObject {
  Q_OBJECT

 private slots:
  void repeatsAreCountedAndNotKept() {
    Fixture at;
    for (int i = 0; i < 3; ++i) at.events->record(remark("front-a", "restarting"));
    at.executor.advance(seconds(1));
    QCOMPARE(at.table().size(), 1u);
    QCOMPARE(at.only().count(), 3);
    const auto first = at.only().first_timestamp().unix_ms();
    at.executor.advance(seconds(60));
    at.events->record(remark("front-a", "restarting"));
    at.executor.advance(seconds(1));
    QCOMPARE(at.table().size(), 1u);
    QCOMPARE(at.only().count(), 4);
    QCOMPARE(at.only().first_timestamp().unix_ms(), first);
    QCOMPARE(at.only().last_timestamp().unix_ms(), first + 61'000);
    QCOMPARE(at.only().object_name(), "front-a");
    QCOMPARE(at.only().type(), "Normal");
  }

  void aBurstIsOneCommit() {
    Fixture at;
    at.executor.settle();
    const auto before = at.ledger->state().revision;
    for (int i = 0; i < 30; ++i) at.events->record(remark("p" + std::to_string(i), "x"));
    at.executor.advance(seconds(1));
    QCOMPARE(at.table().size(), 30u);
    QCOMPARE(at.ledger->state().revision, before + 1);
  }

  void theOldestOfAnObjectGoFirst() {
    Fixture at;
    for (int i = 0; i < 120; ++i) {
      at.events->record(remark("front-a", "failure " + std::to_string(i)));
      at.executor.advance(seconds(1));
    }
    at.events->record(remark("front-b", "only one"));
    at.executor.advance(seconds(1));
    QVERIFY(at.table().size() <= 52);
    bool newest = false, oldest = false;
    for (const auto& [name, entry] : at.table().entries()) {
      newest |= entry.object->message() == "failure 119";
      oldest |= entry.object->message() == "failure 0";
    }
    QVERIFY(newest);
    QVERIFY(!oldest);
  }

  void theyAreForgottenAfterAWeek() {
    Fixture at;
    at.events->record(remark("front-a", "restarting"));
    at.executor.advance(hours(6 * 24));
    QCOMPARE(at.table().size(), 1u);
    at.executor.advance(hours(2 * 24));
    QCOMPARE(at.table().size(), 0u);
  }

  void aRecorderThatStartsKnowsThoseOfBefore() {
    Fixture at;
    at.events->record(remark("front-a", "restarting"));
    at.executor.advance(seconds(1));
    at.events.reset();
    at.ledger = *model::Ledger::open(at.store);
    at.events = std::make_unique<EventRecorder>(at.executor, *at.ledger);
    at.events->start();
    at.events->record(remark("front-a", "restarting"));
    at.executor.advance(seconds(1));
    QCOMPARE(at.only().count(), 2);
    at.executor.advance(hours(8 * 24));
    QCOMPARE(at.table().size(), 0u);
  }
};

QTEST_GUILESS_MAIN(TstEvents)
#include "tst_events.moc"
