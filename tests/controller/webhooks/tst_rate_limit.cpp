// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <string>

#include "controller/webhooks/rate_limit.h"

using namespace gantry;
using webhooks::RateLimiter;

namespace {

int admitted(RateLimiter& limiter, const std::string& remote, int tries, base::Instant now) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limiter.admit(remote, now) ? 1 : 0;
  return count;
}

}  // namespace

class TstRateLimit : public QObject {
  Q_OBJECT

 private slots:
  void letsABurstThroughAndThenTheRate() {
    RateLimiter limiter({5, 2}, {100, 100}, 10);
    base::Instant now{};
    QCOMPARE(admitted(limiter, "192.0.2.1", 20, now), 5);
    now += std::chrono::seconds(1);
    QCOMPARE(admitted(limiter, "192.0.2.1", 20, now), 2);
    now += std::chrono::hours(1);
    QCOMPARE(admitted(limiter, "192.0.2.1", 20, now), 5);
  }

  void keepsRemotesApart() {
    RateLimiter limiter({5, 1}, {100, 100}, 10);
    QCOMPARE(admitted(limiter, "192.0.2.1", 1000, {}), 5);
    QCOMPARE(admitted(limiter, "192.0.2.2", 1000, {}), 5);
  }

  void boundsAllTogether() {
    RateLimiter limiter({5, 1}, {12, 1}, 10);
    int count = 0;
    for (int i = 0; i < 9; ++i) count += admitted(limiter, "192.0.2." + std::to_string(i), 5, {});
    QCOMPARE(count, 12);
  }

  void whatARemoteIsRefusedCostsTheOthersNothing() {
    RateLimiter limiter({5, 1}, {12, 1}, 10);
    QCOMPARE(admitted(limiter, "192.0.2.1", 1000, {}), 5);
    QCOMPARE(admitted(limiter, "192.0.2.2", 5, {}), 5);
  }

  void countsAPrefixOfIPv6AsOne() {
    RateLimiter limiter({5, 1}, {100, 1}, 10);
    QCOMPARE(admitted(limiter, "2001:db8:0:1::1", 5, {}), 5);
    QCOMPARE(admitted(limiter, "2001:db8:0:1:ffff::2", 5, {}), 0);
    QCOMPARE(admitted(limiter, "2001:db8:0:2::1", 5, {}), 5);
    QCOMPARE(admitted(limiter, "::ffff:192.0.2.1", 5, {}), 5);
    QCOMPARE(admitted(limiter, "::ffff:192.0.2.2", 5, {}), 5);
  }

  void holdsABoundedNumberOfRemotes() {
    RateLimiter limiter({5, 1}, {1e6, 1e6}, 8);
    base::Instant now{};
    int count = 0;
    for (int i = 0; i < 200; ++i) count += limiter.admit("host-" + std::to_string(i), now) ? 1 : 0;
    QCOMPARE(limiter.remotes(), std::size_t{8});
    // Those without a bucket share one.
    QCOMPARE(count, 8 + 5);
    now += std::chrono::seconds(60);
    QVERIFY(limiter.admit("another", now));
    QCOMPARE(limiter.remotes(), std::size_t{1});
  }
};

QTEST_GUILESS_MAIN(TstRateLimit)
#include "tst_rate_limit.moc"
