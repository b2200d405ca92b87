// SPDX-License-Identifier: Apache-2.0
// What merging one commit into another comes to, in real repositories.
#include <QTest>

#include "tests/gitsync/git_fixture.h"

using namespace gantry;
using namespace gantry::gitsync;
using support::GitFixture;

class TstGitMerge : public QObject {
  Q_OBJECT

 private:
  /// A file of twelve lines, of which one is different.
  static std::string lines(int changed = 0, const std::string& to = "") {
    std::string text;
    for (int i = 1; i <= 12; ++i) {
      text += i == changed ? to + "\n" : "line " + std::to_string(i) + "\n";
    }
    return text;
  }

  struct Shop : GitFixture {
    Shop() {
      edit({{"apps/front.yaml", lines()}, {"apps/back.yaml", lines()}, {"other/x.yaml", "x: 1\n"}});
      git("checkout -q -b feature");
    }

    /// Writes files (empty: deletes them), commits and pushes; the commit's id.
    std::string edit(const std::map<std::string, std::string>& files) {
      for (const auto& [path, content] : files) {
        std::filesystem::create_directories((work() / path).parent_path());
        if (content.empty()) {
          git("rm -q " + path);
        } else if (!base::writeFileAtomically(work() / path, content).ok()) {
          qFatal("cannot write");
        }
      }
      git("add -A");
      git("commit -q -m Edit");
      git("push -q origin HEAD");
      return git("rev-parse HEAD");
    }
    std::string on(const std::string& branch, const std::map<std::string, std::string>& files) {
      git("checkout -q " + branch);
      return edit(files);
    }

    std::string fetched(const std::string& revision) {
      const auto answer = await<Fetched>([&](auto done) {
        client->fetch({bare().string(), ""}, revision, std::string("apps"), done);
      });
      if (!answer.ok()) qFatal("%s", answer.status().ToString().c_str());
      return answer->head.id;
    }
    absl::StatusOr<Merged> merge(const std::string& commit, const std::string& into) {
      return await<Merged>(
          [&](auto done) { client->merge({bare().string(), ""}, commit, into, done); });
    }
    absl::StatusOr<Merged> mergeFeature() {
      const std::string feature = fetched("feature");
      return merge(feature, fetched("main"));
    }
    /// Path → content of what a merge holds under apps.
    std::map<std::string, std::string> files(const std::string& commit) {
      const auto folder = await<Folder>([&](auto done) {
        client->readFolder({bare().string(), ""}, commit, std::string("apps"), {}, done);
      });
      if (!folder.ok()) qFatal("%s", folder.status().ToString().c_str());
      std::map<std::string, std::string> found;
      for (const File& file : folder->files) found[file.path] = file.content;
      return found;
    }
    /// All refs of both ends.
    std::string refs() const {
      return support::outputOf("git -C " + bare().string() + " for-each-ref; for m in " +
                               (root / "mirrors").string() + "/*; do git -C $m for-each-ref; done");
    }
  };

 private slots:
  void bothSidesAreInAMergeOfWhatIsBehind() {
    Shop shop;
    const std::string feature = shop.on("feature", {{"apps/front.yaml", lines(2, "theirs")}});
    const std::string main =
        shop.on("main", {{"apps/front.yaml", lines(11, "ours")}, {"apps/new.yaml", "n: 1\n"}});
    QCOMPARE(shop.fetched("feature"), feature);
    QCOMPARE(shop.fetched("main"), main);
    const std::string before = shop.refs();
    const auto merged = shop.merge(feature, main);
    QVERIFY2(merged.ok(), merged.status().ToString().c_str());
    QVERIFY(merged->conflicts.empty());
    const auto files = shop.files(merged->commit);
    std::string both = lines(2, "theirs");
    both.replace(both.find("line 11"), 7, "ours");
    QCOMPARE(files.at("apps/front.yaml"), both);
    QCOMPARE(files.at("apps/new.yaml"), std::string("n: 1\n"));
    // It is there to be looked at only, and is the same one if it is looked at again.
    QCOMPARE(shop.refs(), before);
    QVERIFY(merged->commit != feature && merged->commit != main);
    QTest::qWait(1'100);
    QCOMPARE(shop.merge(feature, main)->commit, merged->commit);
    // As Git itself merges them.
    shop.git("merge -q -m Merge feature");
    QCOMPARE(files.at("apps/front.yaml"),
             support::outputOf("cat " + shop.work().string() + "/apps/front.yaml") + "\n");
    const auto log = shop.await<std::vector<Commit>>([&](auto done) {
      shop.client->log({shop.bare().string(), ""}, merged->commit, main, std::string("apps"), 10,
                       done);
    });
    QVERIFY(log.ok());
    QCOMPARE(log->size(), std::size_t{2});
    QCOMPARE(log->at(0).parents, (std::vector<std::string>{main, feature}));
    QCOMPARE(log->at(1).id, feature);
  }

  void whatIsAheadIsAFastForward() {
    Shop shop;
    shop.on("feature", {{"apps/front.yaml", lines(2, "one")}});
    const std::string feature = shop.on("feature", {{"apps/front.yaml", lines(2, "two")}});
    const auto merged = shop.mergeFeature();
    QVERIFY2(merged.ok(), merged.status().ToString().c_str());
    QCOMPARE(merged->commit, feature);
  }

  void whatIsMergedAlreadyIsNothingToMerge() {
    Shop shop;
    shop.git("push -q origin feature");
    const std::string main = shop.on("main", {{"apps/front.yaml", lines(2, "one")}});
    QCOMPARE(shop.mergeFeature()->commit, main);
    QCOMPARE(shop.merge(main, main)->commit, main);
  }

  void aFileThatWasRenamedTakesChangesAlong() {
    Shop shop;
    shop.git("checkout -q main");
    shop.git("mv apps/front.yaml apps/web.yaml");
    shop.on("main", {{"other/x.yaml", "x: 2\n"}});
    shop.on("feature", {{"apps/front.yaml", lines(2, "theirs")}});
    const auto merged = shop.mergeFeature();
    QVERIFY2(merged.ok(), merged.status().ToString().c_str());
    QVERIFY(merged->conflicts.empty());
    const auto files = shop.files(merged->commit);
    QVERIFY(!files.contains("apps/front.yaml"));
    QCOMPARE(files.at("apps/web.yaml"), lines(2, "theirs"));
  }

  void conflictsAreNamed_data() {
    using Files = std::map<std::string, std::string>;
    QTest::addColumn<Files>("ours");
    QTest::addColumn<Files>("theirs");
    QTest::addColumn<QString>("path");
    QTest::addColumn<int>("kind");
    const std::string front = "apps/front.yaml";
    QTest::newRow("the same line") << Files{{front, lines(2, "a")}} << Files{{front, lines(2, "b")}}
                                   << "apps/front.yaml" << int(Conflict::Kind::kBothChanged);
    QTest::newRow("a new file") << Files{{"apps/n.yaml", "a: 1\n"}}
                                << Files{{"apps/n.yaml", "b: 1\n"}} << "apps/n.yaml"
                                << int(Conflict::Kind::kBothAdded);
    QTest::newRow("deleted in the branch")
        << Files{{front, lines(2, "a")}} << Files{{front, ""}} << "apps/front.yaml"
        << int(Conflict::Kind::kDeletedInMerged);
    QTest::newRow("deleted in main") << Files{{front, ""}} << Files{{front, lines(2, "b")}}
                                     << "apps/front.yaml" << int(Conflict::Kind::kDeletedInInto);
    QTest::newRow("elsewhere") << Files{{"other/x.yaml", "x: 2\n"}}
                               << Files{{"other/x.yaml", "x: 3\n"}} << "other/x.yaml"
                               << int(Conflict::Kind::kBothChanged);
  }
  void conflictsAreNamed() {
    using Files = std::map<std::string, std::string>;
    QFETCH(Files, ours);
    QFETCH(Files, theirs);
    QFETCH(QString, path);
    QFETCH(int, kind);
    Shop shop;
    shop.on("feature", theirs);
    shop.on("main", ours);
    const auto merged = shop.mergeFeature();
    QVERIFY2(merged.ok(), merged.status().ToString().c_str());
    QCOMPARE(merged->commit, std::string());
    QCOMPARE(merged->conflicts,
             (std::vector<Conflict>{{path.toStdString(), static_cast<Conflict::Kind>(kind)}}));
  }

  void aFileThatBothMovedElsewhereIsAConflict() {
    Shop shop;
    shop.git("mv apps/front.yaml apps/here.yaml");
    shop.edit({{"other/y.yaml", "y: 1\n"}});
    shop.git("checkout -q main");
    shop.git("mv apps/front.yaml apps/there.yaml");
    shop.edit({{"other/z.yaml", "z: 1\n"}});
    const auto merged = shop.mergeFeature();
    QVERIFY2(merged.ok(), merged.status().ToString().c_str());
    QStringList paths;
    for (const Conflict& conflict : merged->conflicts) {
      QCOMPARE(int(conflict.kind), int(Conflict::Kind::kMoved));
      paths.append(QString::fromStdString(conflict.path));
    }
    QCOMPARE(paths, (QStringList{"apps/front.yaml", "apps/here.yaml", "apps/there.yaml"}));
  }

  void historiesThatCrossedAreMerged() {
    Shop shop;
    shop.on("feature", {{"apps/front.yaml", lines(2, "theirs")}});
    shop.on("main", {{"apps/front.yaml", lines(11, "ours")}});
    shop.git("branch before");
    shop.git("merge -q -m 'Feature in' feature");
    shop.git("push -q origin main");
    shop.git("checkout -q feature");
    shop.git("merge -q -m 'Main in' before");
    shop.on("feature", {{"apps/back.yaml", lines(5, "more")}});
    const auto merged = shop.mergeFeature();
    QVERIFY2(merged.ok(), merged.status().ToString().c_str());
    QVERIFY(merged->conflicts.empty());
    QCOMPARE(shop.files(merged->commit).at("apps/back.yaml"), lines(5, "more"));
  }

  void whatHasNothingInCommonIsRefused() {
    Shop shop;
    shop.git("checkout -q --orphan feature2");
    const std::string orphan = shop.edit({{"apps/front.yaml", "a: 1\n"}});
    QCOMPARE(shop.fetched("feature2"), orphan);
    const auto merged = shop.merge(orphan, shop.fetched("main"));
    QVERIFY(absl::IsFailedPrecondition(merged.status()));
    QVERIFY2(merged.status().message().find("no commit in common") != std::string::npos,
             merged.status().ToString().c_str());
    QVERIFY(absl::IsNotFound(shop.merge(std::string(40, '7'), orphan).status()));
  }
};

QTEST_GUILESS_MAIN(TstGitMerge)
#include "tst_git_merge.moc"
