// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/images/pull_policy.h"

#include <QTest>

using namespace gantry;
using namespace gantry::agent;
using std::chrono::seconds;

class TstPullPolicy : public QObject {
  Q_OBJECT

 private slots:
  void decides_data() {
    QTest::addColumn<QString>("policy");
    QTest::addColumn<QString>("image");
    QTest::addColumn<bool>("present");
    QTest::addColumn<int>("action");
    const auto row = [](const char* name, const char* policy, const char* image, bool present,
                        PullAction action) {
      QTest::newRow(name) << policy << image << present << static_cast<int>(action);
    };
    row("latest is pulled though present", "", "nginx", true, PullAction::kPull);
    row("a tag is pulled only if absent", "", "nginx:1", true, PullAction::kUse);
    row("a tag that is absent is pulled", "", "nginx:1", false, PullAction::kPull);
    row("Always pulls a tag that is present", "Always", "nginx:1", true, PullAction::kPull);
    row("IfNotPresent uses latest that is present", "IfNotPresent", "nginx", true,
        PullAction::kUse);
    row("Never uses what is present", "Never", "nginx", true, PullAction::kUse);
    row("Never refuses what is absent", "Never", "nginx", false, PullAction::kRefuse);
  }
  void decides() {
    QFETCH(QString, policy);
    QFETCH(QString, image);
    QFETCH(bool, present);
    QFETCH(int, action);
    const auto parsed = parseImage(image.toStdString());
    QCOMPARE(static_cast<int>(decidePull(policy.toStdString(), *parsed, present)), action);
  }

  void aDigestIsNeverLatest() {
    const auto image = parseImage("nginx@sha256:" + std::string(64, '0'));
    QCOMPARE(decidePull("", *image, true), PullAction::kUse);
  }

  void backsOffFrom10To300Seconds() {
    PullBackoff backoff;
    base::Instant now;
    QVERIFY(!backoff.waitUntil("a", now));
    for (const int expected : {10, 20, 40, 80, 160, 300, 300}) {
      backoff.failed("a", "no route", now);
      QCOMPARE(*backoff.waitUntil("a", now) - now, base::Duration(seconds(expected)));
      now += seconds(expected);
      QVERIFY(!backoff.waitUntil("a", now));
    }
    QCOMPARE(backoff.lastError("a"), std::string("no route"));
    QVERIFY2(!backoff.waitUntil("b", now), "images fail one by one");
  }

  void startsOverAfterSuccessAndAfterALongTime() {
    PullBackoff backoff;
    base::Instant now;
    backoff.failed("a", "x", now);
    backoff.succeeded("a");
    QCOMPARE(backoff.lastError("a"), std::string());
    backoff.failed("a", "x", now);
    QCOMPARE(*backoff.waitUntil("a", now) - now, base::Duration(seconds(10)));

    backoff.forgetOld(now + seconds(500));
    QVERIFY(!backoff.lastError("a").empty());
    backoff.forgetOld(now + seconds(611));
    QVERIFY(backoff.lastError("a").empty());
  }
};

QTEST_GUILESS_MAIN(TstPullPolicy)
#include "tst_pull_policy.moc"
