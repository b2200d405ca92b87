// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <random>

#include "manifests/decode/decode.h"
#include "manifests/diff/diff.h"

using namespace gantry::manifests;

namespace {

const std::string kDocument = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: &l {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: *l}
  template:
    metadata: {labels: *l}
    spec:
      containers:
      - name: "web"
        image: 'nginx:1'
        resources: {limits: {cpu: 250m, memory: 64Mi}}
        env:
        - name: A
          value: |
            text
              more
---
{"apiVersion": "v1", "kind": "Secret", "data": {"a": "aGkK"}, "stringData": {"b": "c"}}
)";

}  // namespace

class TstDecodeLimits : public QObject {
  Q_OBJECT

 private slots:
  void stopsAtALimit_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("expected");

    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 40; ++i) {
      const std::string before = "*a" + std::to_string(i - 1);
      bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
      for (int j = 1; j < 10; ++j) bomb += ", " + before;
      bomb += "]\n";
    }
    QTest::newRow("an alias bomb")
        << bomb << std::string("more than 200000 values once aliases are expanded");
    QTest::newRow("an alias in itself")
        << std::string("a: &x [*x]\n") << std::string("an alias inside the very value");
    QTest::newRow("brackets without end")
        << std::string(500'000, '[') << std::string("a list or map cannot be the name");
    QTest::newRow("many brackets") << std::string(65, '[') + std::string(65, ']')
                                   << std::string("nested deeper than 64 levels");
    QTest::newRow("maps without end")
        << std::string(10'000, '{') << std::string("a list or map cannot be the name");
    std::string items;
    for (int i = 0; i < 10'000; ++i) items += "- ";
    QTest::newRow("list items without end") << items << std::string("nested deeper than 64 levels");
    std::string deepAlias = "a0: &a0 [x]\n";
    for (int i = 1; i < 100; ++i) {
      deepAlias += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" +
                   std::to_string(i - 1) + "]\n";
    }
    QTest::newRow("depth made of aliases")
        << deepAlias << std::string("nested deeper than 64 levels");
    QTest::newRow("a large file") << std::string((1 << 20) + 1, '#')
                                  << std::string("the limit is 1048576");
    std::string documents;
    for (int i = 0; i < 1'001; ++i) documents += "---\n# none\n";
    QTest::newRow("many documents") << documents << std::string("more than 1000 documents");
  }

  void stopsAtALimit() {
    QFETCH(std::string, text);
    QFETCH(std::string, expected);
    const Decoded decoded = decode(text, "f");
    QVERIFY(!decoded.diagnostics.empty());
    const std::string last = decoded.diagnostics.back().toString();
    QVERIFY2(last.find(expected) != std::string::npos, last.c_str());
    QVERIFY(decoded.resources.empty());
  }

  /// Whatever happens to a file, decoding ends, says where, and what it accepts can be printed and
  /// read again.
  void survivesDamagedFiles() {
    const std::string alphabet = "{}[]:,-#&*!|>'\"%@` \n\t\\?~ax0\xc3\xff";
    for (unsigned seed = 0; seed < 3'000; ++seed) {
      std::mt19937 random(seed);
      const auto pick = [&](std::size_t n) { return random() % n; };
      std::string text = kDocument;
      for (std::size_t edits = 1 + pick(6); edits > 0; --edits) {
        const std::size_t at = pick(text.size());
        switch (pick(4)) {
          case 0:
            text[at] = alphabet[pick(alphabet.size())];
            break;
          case 1:
            text.insert(at, 1, alphabet[pick(alphabet.size())]);
            break;
          case 2:
            text.erase(at, 1 + pick(20));
            break;
          default:
            text.insert(pick(text.size()), text.substr(at, pick(40)));
        }
        if (text.empty()) text = " ";
      }
      const Decoded decoded = decode(text, "f");
      for (const Diagnostic& diagnostic : decoded.diagnostics) {
        QVERIFY2(diagnostic.where.line > 0, qPrintable(QString("seed %1").arg(seed)));
        QVERIFY(diagnostic.toString().find('\n') == std::string::npos);
      }
      for (const Resource& resource : decoded.resources) {
        if (resource.key().kind == "Secret") continue;
        const Decoded again = decode(toYaml(resource.message()), "f");
        QVERIFY2(again.resources.size() == 1, qPrintable(QString("seed %1").arg(seed)));
        QVERIFY2(canonicalBytes(again.resources[0].message()) == canonicalBytes(resource.message()),
                 qPrintable(QString("seed %1").arg(seed)));
      }
    }
  }
};

QTEST_GUILESS_MAIN(TstDecodeLimits)
#include "tst_decode_limits.moc"
