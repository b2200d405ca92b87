// SPDX-License-Identifier: Apache-2.0
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <random>

#include "manifests/decode/decode.h"
#include "manifests/diff/diff.h"
#include "manifests/schema/core.pb.h"

using namespace gantry::manifests;
namespace schema = gantry::schema;

namespace {

schema::ConfigMap holding(const std::string& text) {
  schema::ConfigMap map;
  map.mutable_metadata()->set_name("a");
  (*map.mutable_data())["text"] = text;
  (*map.mutable_data())["zz"] = "end";
  return map;
}

}  // namespace

class TstPrint : public QObject {
  Q_OBJECT

 private slots:
  void quotesOnlyWhereNeeded_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("printed");
    const auto row = [](const char* text, const char* printed) {
      QTest::newRow(text) << std::string(text) << std::string(printed);
    };
    row("plain text, really", " plain text, really\n");
    row("nginx:1.17.9", " nginx:1.17.9\n");
    row("no", " \"no\"\n");
    row("~", " \"~\"\n");
    row("80", " \"80\"\n");
    row("0x1F", " \"0x1F\"\n");
    row("1e3", " \"1e3\"\n");
    row("12:30", " \"12:30\"\n");
    row("2026-11-21", " \"2026-11-21\"\n");
    row("a: b", " \"a: b\"\n");
    row("a #b", " \"a #b\"\n");
    row("- a", " \"- a\"\n");
    row("25%", " 25%\n");
    row("two\nlines\n", " |\n    two\n    lines\n");
    row("two\n\nlines", " |-\n    two\n\n    lines\n");
    row("a\n\n", " \"a\\n\\n\"\n");
    row(" a\nb", " \" a\\nb\"\n");
  }

  void quotesOnlyWhereNeeded() {
    QFETCH(std::string, text);
    QFETCH(std::string, printed);
    QCOMPARE(toYaml(holding(text)),
             "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  text:" + printed +
                 "  zz: end\n");
  }

  void readsBackWhatItPrinted() {
    const std::string alphabet = "ab0 \n\n:#-'\"\\{}[]|>&*!%@,~.\t/ \xc3\xa9";
    for (unsigned seed = 0; seed < 1'500; ++seed) {
      std::mt19937 random(seed);
      std::string text;
      for (unsigned n = random() % 12; n > 0; --n) {
        const std::size_t at = random() % (alphabet.size() - 1);
        text += alphabet[at] == '\xc3' ? "é" : std::string(1, alphabet[at]);
      }
      const schema::ConfigMap map = holding(text);
      for (const std::string& printed : {toYaml(map), toJson(map)}) {
        const Decoded decoded = decode(printed, "f");
        QVERIFY2(decoded.resources.size() == 1, qPrintable(QString("seed %1").arg(seed)));
        QVERIFY2(decoded.resources[0].as<schema::ConfigMap>()->data().at("text") == text,
                 qPrintable(QString("seed %1").arg(seed)));
      }
      QVERIFY(!QJsonDocument::fromJson(QByteArray::fromStdString(toJson(map))).isNull());
    }
  }

  void printsABudgetAsItWasWritten() {
    const std::string budget =
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\n"
        "  namespace: shop\nspec:\n  minAvailable: 50%\n  selector:\n    matchLabels:\n"
        "      app: web\n  unhealthyPodEvictionPolicy: AlwaysAllow\n";
    const std::string number =
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\n"
        "metadata:\n  name: web\nspec:\n  maxUnavailable: 0\n  selector: {}\n";
    for (const std::string& text : {budget, number}) {
      const Decoded decoded = decode(text, "f");
      QCOMPARE(decoded.resources.size(), 1u);
      QVERIFY(decoded.diagnostics.empty());
      QCOMPARE(toYaml(decoded.resources[0].message()), text);
    }
    QCOMPARE(decode(budget + "status:\n  currentHealthy: 1\n", "f").resources.size(), 1u);
    const Decoded wrong = decode(number + "  maxUnavailble: 1\n", "f");
    QVERIFY(wrong.resources.empty());
    QCOMPARE(wrong.diagnostics.at(0).toString(),
             std::string("f:8:3: error: spec: unknown field \"maxUnavailble\"; did "
                         "you mean \"maxUnavailable\"?"));
  }

  void leavesOutWhatTheSystemWritesUnlessAsked() {
    schema::Pod pod;
    pod.mutable_metadata()->set_uid("u");
    pod.mutable_metadata()->mutable_creation_timestamp()->set_unix_ms(0);
    pod.mutable_status()->set_phase("Running");
    QCOMPARE(toYaml(pod), std::string("apiVersion: v1\nkind: Pod\nmetadata: {}\n"));
    QCOMPARE(toYaml(pod, true),
             std::string("apiVersion: v1\nkind: Pod\nmetadata:\n  uid: u\n  creationTimestamp: "
                         "\"1970-01-01T00:00:00Z\"\nstatus:\n  phase: Running\n"));
  }
};

QTEST_GUILESS_MAIN(TstPrint)
#include "tst_print.moc"
