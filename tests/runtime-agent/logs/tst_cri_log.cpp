// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/logs/cri_log.h"

#include <QTest>
#include <random>

#include "runtime-agent/logs/utf8.h"

using namespace gantry::agent;

class TstCriLog : public QObject {
  Q_OBJECT

 private slots:
  void aRecordHasTimeStreamTagAndText() {
    const auto record = parseCriRecord("1970-01-01T00:00:01.000000007Z stderr P a  b ");
    QVERIFY(record);
    QCOMPARE(record->timeNs, 1'000'000'007);
    QVERIFY(record->isStderr);
    QVERIFY(record->isPartial);
    QCOMPARE(std::string(record->text), std::string("a  b "));
    // Runtimes write local time as well.
    QCOMPARE(parseCriRecord("1970-01-01T01:00:01+01:00 stdout F x")->timeNs, 1'000'000'000);
  }

  void emptyTextAndFurtherTagsAreFine() {
    QVERIFY(parseCriRecord("1970-01-01T00:00:01Z stdout F ")->text.empty());
    QVERIFY(parseCriRecord("1970-01-01T00:00:01Z stdout F")->text.empty());
    QVERIFY(parseCriRecord("1970-01-01T00:00:01Z stdout P:x y")->isPartial);
  }

  void whatIsNoRecordIsRefused_data() {
    QTest::addColumn<QString>("line");
    QTest::newRow("nothing") << "";
    QTest::newRow("plain text") << "hello";
    QTest::newRow("no time") << "yesterday stdout F x";
    QTest::newRow("another stream") << "1970-01-01T00:00:01Z stdin F x";
    QTest::newRow("no tag") << "1970-01-01T00:00:01Z stdout text";
    QTest::newRow("cut off") << "1970-01-01T00:00:01Z std";
  }
  void whatIsNoRecordIsRefused() {
    QFETCH(QString, line);
    QVERIFY(!parseCriRecord(line.toStdString()));
  }

  void partsAreMergedByStreamWithTheTimeOfTheFirst() {
    LineAssembler assembler(1'000);
    QVERIFY(!assembler.add({1, false, true, "out "}));
    QVERIFY(!assembler.add({2, true, true, "err "}));
    QVERIFY(!assembler.add({3, false, true, "goes "}));
    const auto err = assembler.add({4, true, false, "end"});
    QVERIFY(err && *err == (LoggedLine{2, true, "err end"}));
    const auto out = assembler.add({5, false, false, "on"});
    QVERIFY(out && *out == (LoggedLine{1, false, "out goes on"}));
    QVERIFY(assembler.finish().empty());
  }

  void theUnfinishedComesOutAtTheEnd() {
    LineAssembler assembler(1'000);
    assembler.add({1, false, true, "no break"});
    const auto rest = assembler.finish();
    QCOMPARE(rest.size(), 1u);
    QCOMPARE(rest[0].text, std::string("no break"));
  }

  void aLineWithoutEndIsBounded() {
    LineAssembler assembler(100);
    std::size_t longest = 0, total = 0;
    for (int i = 0; i < 1'000; ++i) {
      if (const auto line = assembler.add({i, false, true, "0123456789"})) {
        longest = std::max(longest, line->text.size());
        total += line->text.size();
      }
    }
    QCOMPARE(longest, 100u);
    QCOMPARE(total, 10'000u);
  }

  void textBecomesUtf8_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("valid");
    QTest::newRow("plain text stays") << QByteArray("abc") << QByteArray("abc");
    QTest::newRow("all lengths stay")
        << QByteArray("\u00e4\u20ac\U0001F600") << QByteArray("\u00e4\u20ac\U0001F600");
    QTest::newRow("a lone byte") << QByteArray("a\xff z") << QByteArray("a\uFFFD z");
    QTest::newRow("cut off") << QByteArray("a\xe2\x82") << QByteArray("a\uFFFD\uFFFD");
    QTest::newRow("overlong") << QByteArray("\xc0\x80") << QByteArray("\uFFFD\uFFFD");
    QTest::newRow("a surrogate") << QByteArray("\xed\xa0\x80") << QByteArray("\uFFFD\uFFFD\uFFFD");
  }
  void textBecomesUtf8() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, valid);
    QCOMPARE(QByteArray::fromStdString(toUtf8(text.toStdString())), valid);
  }

  void anyBytesBecomeUtf8AsQtReadsIt() {
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
      std::mt19937 random(seed);
      QByteArray text;
      for (int i = 0; i < 40; ++i)
        text.append(static_cast<char>(random() % 2 ? random() : 0xe0 + random() % 32));
      const QByteArray valid = QByteArray::fromStdString(toUtf8(text.toStdString()));
      QVERIFY2(valid.isValidUtf8(), qPrintable(QString::number(seed)));
      QCOMPARE(toUtf8(valid.toStdString()), valid.toStdString());
    }
  }
};

QTEST_GUILESS_MAIN(TstCriLog)
#include "tst_cri_log.moc"
