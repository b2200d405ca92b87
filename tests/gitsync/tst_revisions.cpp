// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "gitsync/revision.h"
#include "gitsync/semver.h"

using namespace gantry::gitsync;

class TstRevisions : public QObject {
  Q_OBJECT

 private slots:
  void versionsAreOrdered() {
    // The order of https://semver.org, section 11, between others.
    const std::vector<std::string> ascending = {
        "0.9.9",      "1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta",
        "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "v1.0.0-rc.1",
        "1.0.0",      "v1.0.1",       "1.2",           "1.10.0",
        "2"};
    for (std::size_t i = 0; i < ascending.size(); ++i) {
      for (std::size_t j = 0; j < ascending.size(); ++j) {
        const auto left = parseVersion(ascending[i]);
        const auto right = parseVersion(ascending[j]);
        QVERIFY2(left && right, ascending[i].c_str());
        QVERIFY2((*left <=> *right) == (i <=> j), (ascending[i] + " " + ascending[j]).c_str());
      }
    }
    QVERIFY(parseVersion("1.2.3+linux") == parseVersion("v1.2.3"));
  }

  void aPushMovesWhatItsRefIs() {
    QVERIFY(mayMove("refs/heads/main", "main"));
    QVERIFY(mayMove("refs/tags/v1.4.0", "^1.2"));
    QVERIFY(mayMove("refs/pull/7/head", "refs/pull/7/head"));
    QVERIFY(!mayMove("refs/heads/x/main", "main"));
    QVERIFY(!mayMove("refs/tags/v2.0.0", "^1.2"));
    QVERIFY(!mayMove("refs/notes/main", "main"));
    QVERIFY(!mayMove("refs/heads/main", std::string(40, 'a')));
  }

  void otherTextIsNoVersion_data() {
    QTest::addColumn<QString>("text");
    for (const char* text : {"", "v", "main", "1.x", "1.2.3.4", "1..2", "1.2.3-", "1.2.3-rc..1",
                             "1.2.-3", "release-1.2", "99999999999999999999"}) {
      QTest::newRow(text) << text;
    }
  }
  void otherTextIsNoVersion() {
    QFETCH(QString, text);
    QVERIFY(!parseVersion(text.toStdString()));
  }

  void rangesHoldVersions_data() {
    QTest::addColumn<QString>("range");
    QTest::addColumn<QString>("in");
    QTest::addColumn<QString>("out");
    QTest::newRow("major") << "1.x" << "1.0.0 v1.99.3" << "0.9.0 2.0.0 1.2.0-rc.1";
    QTest::newRow("major by itself") << "1" << "1.0.0 1.4.2" << "2.0.0";
    QTest::newRow("minor") << "1.2.*" << "1.2.0 1.2.9" << "1.3.0 1.1.9";
    QTest::newRow("any") << "*" << "0.0.1 7.1.0" << "1.0.0-rc.1";
    QTest::newRow("caret") << "^1.2" << "1.2.0 1.9.0" << "1.1.9 2.0.0 2.0.0-rc.1";
    QTest::newRow("caret below one") << "^0.2.3" << "0.2.3 0.2.9" << "0.3.0 0.2.2";
    QTest::newRow("caret below a tenth") << "^0.0.3" << "0.0.3" << "0.0.4 0.0.2";
    QTest::newRow("caret of zero") << "^0" << "0.0.1 0.9.0" << "1.0.0";
    QTest::newRow("tilde") << "~1.2.3" << "1.2.3 1.2.8" << "1.3.0 1.2.2";
    QTest::newRow("tilde of a major") << "~1" << "1.0.0 1.8.0" << "2.0.0";
    QTest::newRow("both ends") << ">=1.2 <2" << "1.2.0 1.99.0" << "1.1.0 2.0.0";
    QTest::newRow("comma and spaces") << ">= 1.2, < 2" << "1.2.0" << "2.0.0";
    QTest::newRow("beyond all of a minor") << ">1.2" << "1.3.0" << "1.2.9";
    QTest::newRow("up to all of a minor") << "<=1.2" << "1.2.9" << "1.3.0";
    QTest::newRow("but one") << "1.x !=1.3.0" << "1.2.0 1.4.0" << "1.3.0";
    QTest::newRow("either") << "1.2.3 || ^2" << "1.2.3 2.5.0" << "1.2.4 3.0.0";
    QTest::newRow("exact, with v") << "v1.2.3" << "1.2.3 v1.2.3" << "1.2.4";
    QTest::newRow("prereleases when named") << ">=1.2-0" << "1.2.0-rc.1 1.3.0-beta 1.2.0"
                                            << "1.1.9";
    QTest::newRow("one prerelease on")
        << "^1.2.0-rc.2" << "1.2.0-rc.2 1.2.0-rc.10 1.2.0 1.5.0" << "1.2.0-rc.1 2.0.0-rc.1";
    QTest::newRow("a prerelease names only its alternative")
        << "1.0.0-rc.1 || 2.x" << "1.0.0-rc.1 2.1.0" << "2.1.0-rc.1";
  }
  void rangesHoldVersions() {
    QFETCH(QString, range);
    QFETCH(QString, in);
    QFETCH(QString, out);
    const auto parsed = VersionRange::parse(range.toStdString());
    QVERIFY2(parsed.ok(), parsed.status().ToString().c_str());
    for (const QString& version : in.split(' ')) {
      QVERIFY2(parsed->contains(*parseVersion(version.toStdString())), qPrintable(version));
    }
    for (const QString& version : out.split(' ')) {
      QVERIFY2(!parsed->contains(*parseVersion(version.toStdString())), qPrintable(version));
    }
  }

  void otherTextIsNoRange_data() {
    QTest::addColumn<QString>("text");
    for (const char* text : {"", "main", "feature/x", "1.x.2", ">", "^main", "1.2 ||", "<*",
                             "!=1.2", "1.x-rc.1", "1.2.3 - 1.4.0"}) {
      QTest::newRow(text) << text;
    }
  }
  void otherTextIsNoRange() {
    QFETCH(QString, text);
    QVERIFY(absl::IsInvalidArgument(VersionRange::parse(text.toStdString()).status()));
  }

  void aRevisionMeansOneRef_data() {
    QTest::addColumn<QString>("revision");
    QTest::addColumn<QString>("ref");
    QTest::newRow("branch") << "main" << "refs/heads/main";
    QTest::newRow("tag") << "stable" << "refs/tags/stable";
    QTest::newRow("a branch wins over a tag of its name") << "both" << "refs/heads/both";
    QTest::newRow("by the whole name it is the tag") << "refs/tags/both" << "refs/tags/both";
    QTest::newRow("any ref") << "refs/pull/7/head" << "refs/pull/7/head";
    QTest::newRow("highest of a range") << "1.x" << "refs/tags/v1.10.0";
    QTest::newRow("a branch that looks like a range") << "2.x" << "refs/heads/2.x";
    QTest::newRow("a tag that is a version") << "v1.2.0" << "refs/tags/v1.2.0";
    QTest::newRow("a version without its prefix") << "1.2.0" << "refs/tags/v1.2.0";
    QTest::newRow("a prerelease that is named") << ">=2.0.0-0" << "refs/tags/v2.0.0-rc.1";
  }
  void aRevisionMeansOneRef() {
    QFETCH(QString, revision);
    QFETCH(QString, ref);
    const auto resolved = resolveRevision(revision.toStdString(), advertised());
    QVERIFY2(resolved.ok(), resolved.status().ToString().c_str());
    QCOMPARE(QString::fromStdString(resolved->name), ref);
  }

  void whatIsNotThereIsNamed() {
    const auto says = [&](const std::string& revision, const char* words) {
      const absl::Status status = resolveRevision(revision, advertised()).status();
      return absl::IsNotFound(status) && status.ToString().find(words) != std::string::npos;
    };
    QVERIFY(says("prod", "no branch \"prod\" and no tag"));
    QVERIFY(says("8f2c1a9", "all 40 digits: git rev-parse 8f2c1a9"));
    QVERIFY(says("9075315", "all 40 digits: git rev-parse 9075315"));
    QVERIFY(!says("7", "digits"));
    QVERIFY(says("^7", "range \"^7\""));
    QVERIFY(says("refs/pull/8/head", "no ref \"refs/pull/8/head\""));
    QVERIFY(absl::IsFailedPrecondition(resolveRevision("main", {}).status()));
  }

 private:
  static std::vector<AdvertisedRef> advertised() {
    std::vector<AdvertisedRef> refs;
    for (const char* name :
         {"refs/heads/2.x", "refs/heads/both", "refs/heads/main", "refs/pull/7/head",
          "refs/tags/both", "refs/tags/stable", "refs/tags/v1.10.0", "refs/tags/v1.2.0",
          "refs/tags/v1.9.0", "refs/tags/v2.0.0-rc.1"}) {
      refs.push_back({name, std::string(40, 'a')});
    }
    return refs;
  }
};

QTEST_GUILESS_MAIN(TstRevisions)
#include "tst_revisions.moc"
