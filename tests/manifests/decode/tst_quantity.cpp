// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <random>

#include "manifests/decode/quantity.h"

using namespace gantry::manifests;

class TstQuantity : public QObject {
  Q_OBJECT

 private slots:
  void readsAmounts_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<qint64>("millis");
    QTest::addColumn<qint64>("units");
    const auto row = [](const char* text, qint64 millis, qint64 units) {
      QTest::newRow(text) << std::string(text) << millis << units;
    };
    row("0", 0, 0);
    row("1", 1000, 1);
    row("250m", 250, 1);
    row("1.5", 1500, 2);
    row(".5", 500, 1);
    row("5.", 5000, 5);
    row("0.0001", 1, 1);
    row("1n", 1, 1);
    row("1500000n", 2, 1);
    row("100u", 1, 1);
    row("64Mi", 67108864000, 67108864);
    row("1.5Gi", 1610612736000, 1610612736);
    row("0.1Ki", 102400, 103);
    row("1k", 1000000, 1000);
    row("1e3", 1000000, 1000);
    row("1E3", 1000000, 1000);
    row("1E", -1, 1000000000000000000);
    row("2500e-3", 2500, 3);
    row("+2", 2000, 2);
    row("-1", -1000, -1);
    row("-1m", -1, -1);
    row("000000000000000000000000000000000001", 1000, 1);
    row("9223372036854775807", -1, 9223372036854775807);
    row("0Ei", 0, 0);
  }

  void readsAmounts() {
    QFETCH(std::string, text);
    QFETCH(qint64, millis);
    QFETCH(qint64, units);
    QCOMPARE(parseUnits(text).value_or(-999), units);
    if (millis != -1 || text == "-1m") {
      QCOMPARE(parseMillis(text).value_or(-999), millis);
    } else {
      QCOMPARE(parseMillis(text).status().code(), absl::StatusCode::kOutOfRange);
    }
  }

  void refusesWhatIsNone_data() {
    QTest::addColumn<std::string>("text");
    for (const char* text : {"", "m", "Mi", "1 Mi", "1mi", "1MI", "1K", "1e", "1e+", "1.2.3", "--1",
                             ".", "1Mib", "0x10", "1_000", "1e1000", "∞"}) {
      QTest::newRow(*text == 0 ? "nothing" : text) << std::string(text);
    }
  }

  void refusesWhatIsNone() {
    QFETCH(std::string, text);
    QCOMPARE(parseMillis(text).status().code(), absl::StatusCode::kInvalidArgument);
  }

  void refusesWhatDoesNotFit() {
    for (const char* text : {"9223372036854775808", "8Ei", "1e30", "1e999",
                             "99999999999999999999999999999999999999"}) {
      QCOMPARE(parseUnits(text).status().code(), absl::StatusCode::kOutOfRange);
    }
  }

  void writesTheShortestExactForm() {
    QCOMPARE(formatMillis(250), std::string("250m"));
    QCOMPARE(formatMillis(2000), std::string("2"));
    QCOMPARE(formatBytes(64 << 20), std::string("64Mi"));
    QCOMPARE(formatBytes(1536 << 10), std::string("1536Ki"));
    QCOMPARE(formatBytes(1000), std::string("1000"));
    QCOMPARE(formatBytes(0), std::string("0"));
  }

  void readsBackWhatItWrote() {
    for (unsigned seed = 0; seed < 2'000; ++seed) {
      std::mt19937_64 random(seed);
      const auto amount = static_cast<std::int64_t>(random() >> (random() % 62 + 2));
      const std::int64_t bytes = amount << (amount < (1 << 20) ? random() % 40 : 0);
      QVERIFY2(parseMillis(formatMillis(amount)).value_or(-1) == amount,
               qPrintable(QString::number(seed)));
      QVERIFY2(parseUnits(formatBytes(bytes)).value_or(-1) == bytes,
               qPrintable(QString::number(seed)));
    }
  }
};

QTEST_GUILESS_MAIN(TstQuantity)
#include "tst_quantity.moc"
