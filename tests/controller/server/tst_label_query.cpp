// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/server/label_query.h"

using gantry::server::LabelQuery;

class TstLabelQuery : public QObject {
  Q_OBJECT

 private slots:
  void matches_data() {
    QTest::addColumn<QString>("query");
    QTest::addColumn<bool>("expected");
    QTest::newRow("nothing asked") << "" << true;
    QTest::newRow("an equal value") << "app=front" << true;
    QTest::newRow("an equal value, written twice") << "app==front" << true;
    QTest::newRow("another value") << "app=back" << false;
    QTest::newRow("not another value") << "app!=back" << true;
    QTest::newRow("not the value it has") << "app!=front" << false;
    QTest::newRow("a key that is not there differs") << "zone!=a" << true;
    QTest::newRow("a key that is there") << "tier" << true;
    QTest::newRow("a key that is not there") << "zone" << false;
    QTest::newRow("an empty value") << "canary=" << true;
    QTest::newRow("two that hold") << "app=front, tier=web" << true;
    QTest::newRow("two of which one holds") << "app=front,tier=db" << false;
  }
  void matches() {
    QFETCH(QString, query);
    QFETCH(bool, expected);
    google::protobuf::Map<std::string, std::string> labels;
    labels["app"] = "front";
    labels["tier"] = "web";
    labels["canary"] = "";
    const auto parsed = LabelQuery::parse(query.toStdString());
    QVERIFY2(parsed.ok(), parsed.status().ToString().c_str());
    QCOMPARE(parsed->matches(labels), expected);
  }

  void refusesWhatItDoesNotUnderstand_data() {
    QTest::addColumn<QString>("query");
    QTest::newRow("no key") << "=front";
    QTest::newRow("an empty part") << "app=front,";
    QTest::newRow("a set") << "app in (a b)";
    QTest::newRow("an order") << "replicas>3";
    QTest::newRow("a negated key") << "!app";
    QTest::newRow("three equal signs") << "app===front";
  }
  void refusesWhatItDoesNotUnderstand() {
    QFETCH(QString, query);
    QCOMPARE(LabelQuery::parse(query.toStdString()).status().code(),
             absl::StatusCode::kInvalidArgument);
  }
};

QTEST_GUILESS_MAIN(TstLabelQuery)
#include "tst_label_query.moc"
