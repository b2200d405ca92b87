// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "gitsync/path.h"
#include "gitsync/url.h"

using namespace gantry::gitsync;

class TstGitPaths : public QObject {
  Q_OBJECT

 private slots:
  void urlsAreCheckedBeforeUse_data() {
    QTest::addColumn<QString>("url");
    QTest::addColumn<bool>("accepted");
    QTest::newRow("absolute path") << "/srv/shop.git" << true;
    QTest::newRow("file URL") << "file:///srv/shop.git" << true;
    QTest::newRow("https") << "https://git.example.com/shop.git" << true;
    QTest::newRow("http is not encrypted") << "http://git.example.com/shop.git" << false;
    QTest::newRow("ssh is not followed") << "ssh://git@git.example.com/shop.git" << false;
    QTest::newRow("ext runs a command") << "ext::sh -c touch% /tmp/x" << false;
    QTest::newRow("an option, not a URL") << "--upload-pack=touch" << false;
    QTest::newRow("relative path") << "../shop.git" << false;
    QTest::newRow("line feed") << "https://git.example.com/\nshop" << false;
    QTest::newRow("empty") << "" << false;
  }
  void urlsAreCheckedBeforeUse() {
    QFETCH(QString, url);
    QFETCH(bool, accepted);
    QCOMPARE(checkUrl(url.toStdString()).ok(), accepted);
  }

  void passwordsAreNotShown_data() {
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("shown");
    QTest::newRow("none") << "https://git.example.com/a.git" << "https://git.example.com/a.git";
    QTest::newRow("user and password") << "https://ana:s3cret@git.example.com/a.git"
                                       << "https://git.example.com/a.git";
    QTest::newRow("an at sign in the password") << "https://ana:s3@cret@git.example.com/a.git"
                                                << "https://git.example.com/a.git";
    QTest::newRow("an at sign in the path") << "https://git.example.com/a@b.git"
                                            << "https://git.example.com/a@b.git";
    QTest::newRow("a path") << "/srv/a@b.git" << "/srv/a@b.git";
  }
  void passwordsAreNotShown() {
    QFETCH(QString, url);
    QFETCH(QString, shown);
    QCOMPARE(QString::fromStdString(displayUrl(url.toStdString())), shown);
    QVERIFY(!checkUrl("ssh://ana:s3cret@host/x").ToString().empty());
    QVERIFY(checkUrl("ssh://ana:s3cret@host/x").ToString().find("s3cret") == std::string::npos);
  }

  void foldersHaveOneForm_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("normal");
    QTest::addColumn<bool>("accepted");
    QTest::newRow("plain") << "apps/shop" << "apps/shop" << true;
    QTest::newRow("root as nothing") << "" << "" << true;
    QTest::newRow("root as a dot") << "." << "" << true;
    QTest::newRow("dot in front, slash behind") << "./apps/shop/" << "apps/shop" << true;
    QTest::newRow("up") << "apps/../../etc" << "" << false;
    QTest::newRow("absolute") << "/etc" << "" << false;
    QTest::newRow("empty segment") << "apps//shop" << "" << false;
  }
  void foldersHaveOneForm() {
    QFETCH(QString, path);
    QFETCH(QString, normal);
    QFETCH(bool, accepted);
    const auto result = normalisePath(path.toStdString());
    QCOMPARE(result.ok(), accepted);
    if (accepted) QCOMPARE(QString::fromStdString(*result), normal);
  }
};

QTEST_GUILESS_MAIN(TstGitPaths)
#include "tst_git_paths.moc"
