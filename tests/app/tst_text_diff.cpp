// SPDX-License-Identifier: Apache-2.0
#include <QTest>
#include <ctime>
#include <random>

#include "app/models/text_diff.h"

using namespace gantry::models;

namespace {

const QString kProbes = QStringLiteral(
    "spec:\n"
    "  template:\n"
    "    spec:\n"
    "      containers:\n"
    "      - name: web\n"
    "        image: shop:1\n"
    "        livenessProbe:\n"
    "          httpGet:\n"
    "            path: /healthz\n"
    "            port: 8080\n"
    "          failureThreshold: 3\n"
    "          periodSeconds: 10\n"
    "          timeoutSeconds: 1\n"
    "        startupProbe:\n"
    "          failureThreshold: 30\n"
    "          periodSeconds: 10\n"
    "          successThreshold: 1\n"
    "          timeoutSeconds: 1\n"
    "          httpGet:\n"
    "            path: /healthz\n"
    "            port: 8080\n");

/// What each side of the rows adds up to; folded lines are taken from the text.
QStringList sideOf(const TextDiff& diff, bool left) {
  QStringList lines;
  for (const DiffRow& row : diff.rows) {
    const DiffSide& side = left ? row.left : row.right;
    const QStringList& all = left ? diff.leftLines : diff.rightLines;
    const int count = row.kind == DiffRow::Kind::kHidden ? row.hidden : side.number >= 0 ? 1 : 0;
    for (int i = 0; i < count; ++i) lines << all[side.number + i];
  }
  return lines;
}

}  // namespace

class TstTextDiff : public QObject {
  Q_OBJECT

 private slots:
  /// The case that made people approve a change of the wrong probe: the bar over folded lines must
  /// say where the change belongs.
  void aFoldedBarNamesThePathOfWhatFollows() {
    QString changed = kProbes;
    changed.replace(changed.lastIndexOf("/healthz"), 8, "/readyz");
    const TextDiff diff = diffTexts(kProbes, changed, 1);
    QCOMPARE(diff.changes.size(), 1U);
    const DiffRow& bar = diff.rows.front();
    QCOMPARE(bar.kind, DiffRow::Kind::kHidden);
    QCOMPARE(bar.path, QString("spec › template › spec › containers[web] › startupProbe"));
    const DiffRow& change = diff.rows[std::size_t(diff.changes.front())];
    QCOMPARE(yamlPath(diff.rightLines, change.right.number),
             QString("spec › template › spec › containers[web] › startupProbe › httpGet"));
  }

  void pathsFollowIndentation_data() {
    QTest::addColumn<QString>("yaml");
    QTest::addColumn<int>("line");
    QTest::addColumn<QString>("path");
    QTest::newRow("a top-level key has none") << "kind: Pod\nspec:\n" << 1 << "";
    QTest::newRow("a nested key has its parents") << "a:\n  b:\n    c: 1\n" << 2 << "a › b";
    QTest::newRow("an element with a name is called by it") << "env:\n- name: POOL\n  value: 3\n"
                                                            << 2 << "env[POOL]";
    QTest::newRow("an element whose name comes later as well")
        << "ports:\n  - port: 80\n    name: http\n"
        << 1 << "ports[http]";
    QTest::newRow("an element without a name is called by its place") << "args:\n- one\n- two\n"
                                                                      << 2 << "args[1]";
    QTest::newRow("comments and empty lines do not count") << "a:\n\n# about b\n  b: 1\n"
                                                           << 3 << "a";
  }
  void pathsFollowIndentation() {
    QFETCH(QString, yaml);
    QFETCH(int, line);
    QTEST(yamlPath(yaml.split('\n'), line), "path");
  }

  void wordsThatDifferAreMarked() {
    const TextDiff diff = diffTexts("image: shop/front:1.4.2\n", "image: shop/front:1.5.2\n");
    QCOMPARE(diff.rows.size(), 1U);
    QCOMPARE(diff.rows[0].left.changed, (std::vector<Span>{{20, 1}}));
    QCOMPARE(diff.rows[0].right.changed, (std::vector<Span>{{20, 1}}));
  }

  void oneSideMayBeEmpty() {
    const TextDiff created = diffTexts({}, "a: 1\nb: 2\n");
    QCOMPARE(created.rows.size(), 2U);
    QCOMPARE(created.rows[0].left.number, -1);
    QCOMPARE(created.rows[1].right.number, 1);
    QVERIFY(diffTexts({}, {}).rows.empty());
  }

  void equalTextsFoldToNothingChanged() {
    const TextDiff diff = diffTexts(kProbes, kProbes);
    QVERIFY(diff.changes.empty());
    QCOMPARE(sideOf(diff, true), diff.leftLines);
  }

  void aFoldedPartIsUnfoldedInItsPlace() {
    QString changed = kProbes;
    changed.replace("shop:1", "shop:2").replace("port: 8080\n", "port: 8081\n");
    TextDiff diff = diffTexts(kProbes, changed, 0);
    const TextDiff whole = diffTexts(kProbes, changed, -1);
    for (int row = 0; row < int(diff.rows.size()); ++row) {
      if (diff.rows[std::size_t(row)].kind == DiffRow::Kind::kHidden) unfold(diff, row);
    }
    QCOMPARE(diff.rows.size(), whole.rows.size());
    QCOMPARE(diff.changes, whole.changes);
    QCOMPARE(sideOf(diff, true), diff.leftLines);
    QCOMPARE(sideOf(diff, false), diff.rightLines);
  }

  void aPatchIsAsOtherProgramsWriteIt_data() {
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("after");
    QTest::addColumn<QString>("patch");
    QTest::newRow("nothing") << "a: 1\n" << "a: 1\n" << "";
    QTest::newRow("a line") << "a: 1\nb: 2\nc: 3\n"
                            << "a: 1\nb: 4\nc: 3\n"
                            << "@@ -1,3 +1,3 @@\n a: 1\n-b: 2\n+b: 4\n c: 3\n";
    QTest::newRow("all of it is new") << "" << "a: 1\nb: 2\n"
                                      << "@@ -0,0 +1,2 @@\n+a: 1\n+b: 2\n";
    QTest::newRow("two places") << "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"
                                << "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n"
                                << "@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n"
                                   "@@ -9,4 +10,3 @@\n 9\n 10\n 11\n-12\n";
    QTest::newRow("lines beside each other") << "a\nb\n"
                                             << "c\nd\n"
                                             << "@@ -1,2 +1,2 @@\n-a\n-b\n+c\n+d\n";
  }
  void aPatchIsAsOtherProgramsWriteIt() {
    QFETCH(QString, before);
    QFETCH(QString, after);
    QFETCH(QString, patch);
    QCOMPARE(patchText(before, after), patch);
  }

  /// Rows of both sides add up to the texts, whatever the texts are and however much is folded.
  void rowsAddUpToBothTexts() {
    for (unsigned seed = 1; seed <= 300; ++seed) {
      std::mt19937 random(seed);
      const auto text = [&random] {
        QString lines;
        for (unsigned i = 0; i < random() % 30; ++i)
          lines += QString("line%1: x\n").arg(random() % 8);
        return lines;
      };
      const QString left = text();
      const QString right = text();
      const int context = int(random() % 5) - 1;
      const TextDiff diff = diffTexts(left, right, context);
      const QByteArray where = QString("seed %1").arg(seed).toUtf8();
      QVERIFY2(sideOf(diff, true) == diff.leftLines, where);
      QVERIFY2(sideOf(diff, false) == diff.rightLines, where);
      for (const DiffRow& row : diff.rows) {
        if (row.kind != DiffRow::Kind::kSame) continue;
        QVERIFY2(diff.leftLines[row.left.number] == diff.rightLines[row.right.number], where);
      }
    }
  }

  void theScriptIsShortest() {
    const TextDiff diff = diffTexts("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n", -1);
    int edits = 0;
    for (const DiffRow& row : diff.rows) {
      if (row.kind != DiffRow::Kind::kChanged) continue;
      edits += (row.left.number >= 0) + (row.right.number >= 0);
    }
    // The example of Myers' paper: five.
    QCOMPARE(edits, 5);
  }

  void aLongManifestTakesNoTime() {
    QString left, right;
    for (int i = 0; i < 50'000; ++i) {
      left += QString("  key%1: value\n").arg(i);
      right += QString("  key%1: %2\n").arg(i).arg(i % 500 == 0 ? "other" : "value");
    }
    const std::clock_t start = std::clock();
    const TextDiff diff = diffTexts(left, right);
    QCOMPARE(diff.changes.size(), 100U);
    const auto spentMs = (std::clock() - start) * 1000 / CLOCKS_PER_SEC;
    QVERIFY2(spentMs < 3000, qPrintable(QString("%1 ms").arg(spentMs)));
  }
};

QTEST_GUILESS_MAIN(TstTextDiff)
#include "tst_text_diff.moc"
