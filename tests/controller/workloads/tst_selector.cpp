// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/workloads/selector.h"

using namespace gantry;
using namespace gantry::workloads;

class TstSelector : public QObject {
  Q_OBJECT

 private slots:
  void requirements_data();
  void requirements();
  void emptySelectors();
  void allPairsCount();
};

void TstSelector::requirements_data() {
  QTest::addColumn<QByteArray>("op");
  QTest::addColumn<QByteArray>("value");
  QTest::addColumn<bool>("withLabel");
  QTest::addColumn<bool>("withoutLabel");
  QTest::newRow("In a list that has the value")
      << QByteArray("In") << QByteArray("web") << true << false;
  QTest::newRow("In another list") << QByteArray("In") << QByteArray("db") << false << false;
  QTest::newRow("NotIn a list that has it")
      << QByteArray("NotIn") << QByteArray("web") << false << true;
  QTest::newRow("NotIn another list") << QByteArray("NotIn") << QByteArray("db") << true << true;
  QTest::newRow("Exists") << QByteArray("Exists") << QByteArray() << true << false;
  QTest::newRow("DoesNotExist") << QByteArray("DoesNotExist") << QByteArray() << false << true;
  QTest::newRow("an operator that is not known matches nothing")
      << QByteArray("Near") << QByteArray("web") << false << false;
}

void TstSelector::requirements() {
  QFETCH(QByteArray, op);
  QFETCH(QByteArray, value);
  schema::LabelSelector selector;
  schema::LabelSelectorRequirement& requirement = *selector.add_match_expressions();
  requirement.set_key("tier");
  requirement.set_operator_(op.toStdString());
  if (!value.isEmpty()) requirement.add_values(value.toStdString());
  Labels labels;
  QTEST(matches(selector, labels), "withoutLabel");
  labels["tier"] = "web";
  QTEST(matches(selector, labels), "withLabel");
}

void TstSelector::emptySelectors() {
  Labels labels;
  labels["app"] = "front";
  QVERIFY(matches(schema::LabelSelector(), labels));
  QVERIFY(!matchesAll(Labels(), labels));
}

void TstSelector::allPairsCount() {
  Labels selector;
  selector["app"] = "dockchat";
  selector["tier"] = "frontend";
  Labels labels;
  labels["app"] = "dockchat";
  QVERIFY(!matchesAll(selector, labels));
  labels["tier"] = "frontend";
  labels["more"] = "x";
  QVERIFY(matchesAll(selector, labels));
  schema::LabelSelector both;
  *both.mutable_match_labels() = selector;
  QVERIFY(matches(both, labels));
  both.add_match_expressions()->set_key("more");
  both.mutable_match_expressions(0)->set_operator_("DoesNotExist");
  QVERIFY(!matches(both, labels));
}

QTEST_GUILESS_MAIN(TstSelector)
#include "tst_selector.moc"
