// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "base/cron.h"
#include "base/pattern.h"

using namespace gantry;
using base::CronSchedule;

/// Schedules of cron, lengths of time and patterns.
class TstCron : public QObject {
  Q_OBJECT

 private slots:
  void namesTimes_data() {
    QTest::addColumn<QString>("schedule");
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QString>("at");
    QTest::addColumn<QString>("latest");
    QTest::addColumn<QString>("next");
    const auto row = [](const char* what, const char* schedule, const char* zone, const char* at,
                        const char* latest, const char* next) {
      QTest::newRow(what) << schedule << zone << at << latest << next;
    };
    row("every day", "0 22 * * *", "UTC", "2026-11-21T10:00:00Z", "2026-11-20T22:00:00Z",
        "2026-11-21T22:00:00Z");
    row("at that very moment", "0 22 * * *", "", "2026-11-21T22:00:00Z", "2026-11-21T22:00:00Z",
        "2026-11-22T22:00:00Z");
    row("steps and ranges", "*/15 8-9 * * *", "UTC", "2026-11-21T08:20:00Z", "2026-11-21T08:15:00Z",
        "2026-11-21T08:30:00Z");
    row("words and lists", "30 6 * nov,dec mon-fri", "UTC", "2026-11-21T12:00:00Z",
        "2026-11-20T06:30:00Z", "2026-11-23T06:30:00Z");
    row("Sunday is 0 and 7", "0 0 * * 7", "UTC", "2026-11-25T00:00:00Z", "2026-11-22T00:00:00Z",
        "2026-11-29T00:00:00Z");
    row("either day is enough", "0 0 1 * fri", "UTC", "2026-11-29T00:00:00Z",
        "2026-11-27T00:00:00Z", "2026-12-01T00:00:00Z");
    row("on other clocks", "0 22 * * *", "Europe/Berlin", "2026-11-21T21:30:00Z",
        "2026-11-21T21:00:00Z", "2026-11-22T21:00:00Z");
    row("in summer", "0 22 * * *", "Europe/Berlin", "2026-07-21T20:30:00Z", "2026-07-21T20:00:00Z",
        "2026-07-22T20:00:00Z");
    // 02:30 is not on the clocks of Berlin on 2026-03-29: they go from 02:00 to 03:00.
    row("a time that is skipped", "30 2 * * *", "Europe/Berlin", "2026-03-29T12:00:00Z",
        "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z");
    row("never within reach", "0 0 1 1 *", "UTC", "2026-11-21T00:00:00Z", "", "");
  }
  void namesTimes() {
    QFETCH(QString, schedule);
    QFETCH(QString, zone);
    QFETCH(QString, at);
    QFETCH(QString, latest);
    QFETCH(QString, next);
    const auto parsed = CronSchedule::parse(schedule.toStdString());
    QVERIFY2(parsed.ok(), std::string(parsed.status().message()).c_str());
    const base::Timestamp now = *base::parseRfc3339(at.toStdString());
    const auto text = [](const std::optional<base::Timestamp>& time) {
      return time ? base::formatRfc3339(*time) : std::string();
    };
    constexpr base::Duration kWeek = std::chrono::days(7);
    QCOMPARE(text(parsed->latest(now, zone.toStdString(), kWeek)), latest.toStdString());
    QCOMPARE(text(parsed->next(now, zone.toStdString(), kWeek)), next.toStdString());
  }

  void refusesWhatIsNoSchedule_data() {
    QTest::addColumn<QString>("text");
    for (const char* text : {"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *",
                             "* * * 13 *", "* * * * 8", "*/0 * * * *", "5-1 * * * *", "a * * * *",
                             "1,,2 * * * *", "-1 * * * *", "99999999999 * * * *"}) {
      QTest::newRow(text) << text;
    }
  }
  void refusesWhatIsNoSchedule() {
    QFETCH(QString, text);
    QVERIFY(absl::IsInvalidArgument(CronSchedule::parse(text.toStdString()).status()));
  }

  void knowsTimeZones() {
    QVERIFY(base::checkTimeZone("Europe/Berlin").ok());
    QVERIFY(base::checkTimeZone("").ok());
    QVERIFY(absl::IsInvalidArgument(base::checkTimeZone("Europe/Nowhere")));
  }

  void readsLengthsOfTime_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("seconds");
    QTest::newRow("seconds") << "90s" << qint64(90);
    QTest::newRow("several units") << "1h30m" << qint64(5400);
    QTest::newRow("days") << "2d" << qint64(172'800);
    QTest::newRow("no unit") << "5" << qint64(-1);
    QTest::newRow("no number") << "h" << qint64(-1);
    QTest::newRow("nothing") << "" << qint64(-1);
    QTest::newRow("negative") << "-5m" << qint64(-1);
    QTest::newRow("more than a year") << "400d" << qint64(-1);
    QTest::newRow("far too much") << "99999999999999999999s" << qint64(-1);
  }
  void readsLengthsOfTime() {
    QFETCH(QString, text);
    QFETCH(qint64, seconds);
    const auto read = base::parseDuration(text.toStdString());
    QCOMPARE(read.ok(), seconds >= 0);
    if (read.ok()) QCOMPARE(read->count(), seconds * 1000);
  }

  void matchesPatterns_data() {
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("fits");
    QTest::newRow("itself") << "shop" << "shop" << true;
    QTest::newRow("a part") << "shop" << "shop-2" << false;
    QTest::newRow("any end") << "shop-*" << "shop-production" << true;
    QTest::newRow("nothing fits *") << "shop*" << "shop" << true;
    QTest::newRow("in between") << "https://*/shop.git" << "https://git.example/a/shop.git" << true;
    QTest::newRow("tried again") << "*ab*b" << "aab-ab" << true;
    QTest::newRow("too short") << "a*b*c" << "ac" << false;
    QTest::newRow("empty") << "" << "" << true;
    QTest::newRow("? is itself") << "a?" << "ab" << false;
  }
  void matchesPatterns() {
    QFETCH(QString, pattern);
    QFETCH(QString, text);
    QFETCH(bool, fits);
    QCOMPARE(base::matchesPattern(pattern.toStdString(), text.toStdString()), fits);
  }
};

QTEST_GUILESS_MAIN(TstCron)
#include "tst_cron.moc"
