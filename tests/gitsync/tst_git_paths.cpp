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
    QTest::newRow("ssh") << "ssh://git@git.example.com/shop.git" << true;
    QTest::newRow("ssh with a port") << "ssh://git@[::1]:2222/shop.git" << true;
    QTest::newRow("ssh as people write it") << "git@git.example.com:acme/shop.git" << true;
    QTest::newRow("ssh with a password") << "ssh://git:s3cret@git.example.com/shop.git" << false;
    QTest::newRow("a host that is an option") << "ssh://-oProxyCommand=touch/x" << false;
    QTest::newRow("a user that is an option") << "ssh://-oProxyCommand=x@host/x" << false;
    QTest::newRow("a path that is an option") << "git@host:-x" << false;
    QTest::newRow("a host with a space") << "git@ho st:x" << false;
    QTest::newRow("a port that is none") << "https://host:22x/shop.git" << false;
    QTest::newRow("up and over") << "https://git.example.com/team/../other.git" << false;
    QTest::newRow("up, hidden") << "https://git.example.com/team/%2e%2e/other.git" << false;
    QTest::newRow("no repository") << "https://git.example.com" << false;
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
    QVERIFY(!checkUrl("ssh://ana:s3cret@host/x").ok());
    QVERIFY(checkUrl("ssh://ana:s3cret@host/x").ToString().find("s3cret") == std::string::npos);
  }

  void urlsHaveParts_data() {
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("parts");
    QTest::newRow("https") << "https://an%61:s%40c@Git.Example.com:8443/a/b.git"
                           << "ana s@c git.example.com 8443 /a/b.git";
    QTest::newRow("scp form") << "git@host:a/b.git" << "git  host  /a/b.git";
    QTest::newRow("address") << "ssh://git@[::1]:22/a" << "git  [::1] 22 /a";
    QTest::newRow("file") << "file:///srv/a.git" << "    /srv/a.git";
  }
  void urlsHaveParts() {
    QFETCH(QString, url);
    QFETCH(QString, parts);
    const auto read = parseUrl(url.toStdString());
    QVERIFY2(read.ok(), read.status().ToString().c_str());
    QCOMPARE(QString::fromStdString(read->user + " " + read->password + " " + read->host + " " +
                                    read->port + " " + read->path),
             parts);
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
