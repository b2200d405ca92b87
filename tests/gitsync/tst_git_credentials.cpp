// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "gitsync/credentials.h"

using namespace gantry::gitsync;

class TstGitCredentials : public QObject {
  Q_OBJECT

 private slots:
  void theLongestPrefixCounts_data() {
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("token");
    QTest::newRow("host") << "https://git.example.com/other/x.git" << "/host";
    QTest::newRow("team") << "https://git.example.com/team/shop.git" << "/team";
    QTest::newRow("not in the middle of a name")
        << "https://git.example.com/teammates/shop.git" << "/host";
    QTest::newRow("repository") << "https://git.example.com/team/secret.git" << "/secret";
    QTest::newRow("upper case host") << "https://GIT.example.com/team/shop.git" << "/team";
    QTest::newRow("default port") << "https://git.example.com:443/team/shop.git" << "/team";
    QTest::newRow("other port") << "https://git.example.com:8443/team/shop.git" << "";
    QTest::newRow("other host") << "https://git.example.com.evil.org/team/shop.git" << "";
    QTest::newRow("ssh by scp form") << "git@git.example.com:team/shop.git" << "/ssh";
    QTest::newRow("ssh") << "ssh://git@git.example.com/team/shop.git" << "/ssh";
    QTest::newRow("ssh as another user") << "ssh://ana@git.example.com/team/shop.git" << "/ana";
    QTest::newRow("local") << "/srv/shop.git" << "";
  }
  void theLongestPrefixCounts() {
    QFETCH(QString, url);
    QFETCH(QString, token);
    const auto credentials = Credentials::parse(
        "- {url: https://git.example.com, tokenFile: /host}\n"
        "- {url: https://git.example.com/team/, tokenFile: /team}\n"
        "- {url: https://git.example.com/team/secret, tokenFile: /secret}\n"
        "- {url: ssh://git.example.com, sshKeyFile: /ssh, knownHostsFile: /known}\n"
        "- {url: ssh://ana@git.example.com, sshKeyFile: /ana, knownHostsFile: /known}\n",
        "file");
    QVERIFY2(credentials.ok(), credentials.status().ToString().c_str());
    const Credential* found = credentials->find(url.toStdString());
    QCOMPARE(found == nullptr ? "" : found->tokenFile + found->sshKeyFile, token.toStdString());
  }

  void whatIsWrongIsNamedWithItsPlace_data() {
    QTest::addColumn<QString>("yaml");
    QTest::addColumn<QString>("says");
    QTest::newRow("no list") << "url: x" << "f.yaml:1:1: expected a list";
    QTest::newRow("no YAML") << "- url: [" << "f.yaml:";
    QTest::newRow("no url") << "- tokenFile: /t" << "f.yaml:1:3: a credential needs \"url\"";
    QTest::newRow("unknown field")
        << "- url: https://h\n  token: s3cret" << "f.yaml:2:3: unknown field \"token\"";
    QTest::newRow("relative file")
        << "- url: https://h\n  tokenFile: t" << "f.yaml:2:14: \"tokenFile\" needs an absolute";
    QTest::newRow("http") << "- url: http://h/x" << "f.yaml:1:8: http://h/x: http:// is not";
    QTest::newRow("password in the url")
        << "- url: https://ana:s3cret@h/x" << "f.yaml:1:8: a password has no place";
    QTest::newRow("ssh key for https")
        << "- url: https://h\n  sshKeyFile: /k" << "f.yaml:2:15: \"sshKeyFile\" is not for https";
    QTest::newRow("ssh without known hosts")
        << "- url: ssh://h\n  sshKeyFile: /k" << "f.yaml:1:3: ssh needs both";
    QTest::newRow("certificate without key")
        << "- url: https://h\n  clientCertFile: /c" << "go together";
    QTest::newRow("user without token") << "- url: https://h\n  username: u" << "needs tokenFile";
    QTest::newRow("local") << "- url: /srv/x" << "needs no credentials";
  }
  void whatIsWrongIsNamedWithItsPlace() {
    QFETCH(QString, yaml);
    QFETCH(QString, says);
    const absl::Status status = Credentials::parse(yaml.toStdString(), "f.yaml").status();
    QVERIFY(absl::IsInvalidArgument(status));
    const QString message = QString::fromStdString(status.ToString());
    QVERIFY2(message.contains(says), qPrintable(message));
    QVERIFY2(!message.contains("s3cret"), qPrintable(message));
  }

  void anEmptyFileHoldsNone() {
    const auto credentials = Credentials::parse("# none yet\n", "f.yaml");
    QVERIFY(credentials.ok());
    QVERIFY(credentials->find("https://h/x") == nullptr);
  }
};

QTEST_GUILESS_MAIN(TstGitCredentials)
#include "tst_git_credentials.moc"
