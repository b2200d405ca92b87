// SPDX-License-Identifier: Apache-2.0
#include <QTest>
#include <memory>

#include "controller/loops/alarm.h"
#include "controller/loops/work_queue.h"
#include "tests/support/manual_executor.h"

using namespace gantry;
using base::Duration;
using loops::Alarm;
using loops::WorkOutcome;

class TstAlarm : public QObject {
  Q_OBJECT

 private slots:
  void ringsOnceHoweverOftenItIsAsked() {
    support::ManualExecutor executor;
    int rings = 0;
    Alarm alarm(executor, [&] { ++rings; });
    alarm.ringSoon();
    alarm.ringSoon();
    alarm.ringAfter(Duration(10));
    executor.advance(Duration(100));
    QCOMPARE(rings, 1);
    alarm.ringSoon();
    executor.settle();
    QCOMPARE(rings, 2);
  }

  void keepsTheEarlierTime() {
    support::ManualExecutor executor;
    std::vector<std::int64_t> rang;
    Alarm alarm(executor, [&] { rang.push_back(executor.now().time_since_epoch().count()); });
    const auto start = executor.now().time_since_epoch().count();
    alarm.ringAfter(Duration(50));
    alarm.ringAfter(Duration(20));
    alarm.ringAfter(Duration(70));
    executor.advance(Duration(200));
    QCOMPARE(rang, std::vector<std::int64_t>{start + 20});
  }

  void isSilentOnceItIsDestroyed() {
    support::ManualExecutor executor;
    int rings = 0;
    auto alarm = std::make_unique<Alarm>(executor, [&] { ++rings; });
    alarm->ringSoon();
    alarm.reset();
    executor.advance(Duration(100));
    QCOMPARE(rings, 0);
  }

  void aQueueWorksOnAKeyAsItsOutcomeSays() {
    support::ManualExecutor executor;
    std::vector<std::string> worked;
    std::map<std::string, WorkOutcome> outcomes;
    loops::WorkQueue<std::string> queue(executor, [&](const std::string& key) {
      worked.push_back(key);
      return std::exchange(outcomes[key], {});
    });
    outcomes["again"].again = true;
    outcomes["retry"].retry = true;
    outcomes["revisit"].revisitAt = executor.wallNow() + Duration(5'000);
    for (const char* key : {"retry", "again", "revisit", "again"}) queue.mark(key);
    executor.settle();
    QCOMPARE(worked, (std::vector<std::string>{"again", "again", "retry", "revisit"}));
    worked.clear();
    executor.advance(Duration(2'000));
    QCOMPARE(worked, std::vector<std::string>{"retry"});
    executor.advance(Duration(4'000));
    QCOMPARE(worked, (std::vector<std::string>{"retry", "revisit"}));
  }
};

QTEST_GUILESS_MAIN(TstAlarm)
#include "tst_alarm.moc"
