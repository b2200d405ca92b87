// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/webhooks/repository_url.h"

using namespace gantry::webhooks;

class TstRepositoryUrl : public QObject {
  Q_OBJECT

 private slots:
  void tellsRepositoriesApart_data() {
    QTest::addColumn<QString>("a");
    QTest::addColumn<QString>("b");
    QTest::addColumn<bool>("same");
    const QString https = "https://git.example.com/acme/shop.git";
    QTest::newRow("the same text") << https << https << true;
    QTest::newRow("without .git") << https << "https://git.example.com/acme/shop" << true;
    QTest::newRow("with a slash at the end")
        << https << "https://git.example.com/acme/shop/" << true;
    QTest::newRow(".git and a slash") << https << "https://git.example.com/acme/shop.git/" << true;
    QTest::newRow("host in capitals") << https << "https://GIT.Example.com/acme/shop.git" << true;
    QTest::newRow("path in capitals") << https << "https://git.example.com/Acme/Shop.git" << true;
    QTest::newRow("scheme in capitals") << https << "HTTPS://git.example.com/acme/shop.git" << true;
    QTest::newRow("with a user") << https << "https://ana@git.example.com/acme/shop.git" << true;
    QTest::newRow("with user and token")
        << https << "https://ana:t0k:en@git.example.com/acme/shop.git" << true;
    QTest::newRow("with the port of the scheme")
        << https << "https://git.example.com:443/acme/shop.git" << true;
    QTest::newRow("with another port")
        << https << "https://git.example.com:8443/acme/shop.git" << false;
    QTest::newRow("http and https, which ports tell nothing of")
        << https << "http://git.example.com:3000/acme/shop.git" << true;
    QTest::newRow("ssh") << https << "ssh://git@git.example.com/acme/shop.git" << true;
    QTest::newRow("ssh on a port of its own")
        << https << "ssh://git@git.example.com:2222/acme/shop" << true;
    QTest::newRow("like scp") << https << "git@git.example.com:acme/shop.git" << true;
    QTest::newRow("like scp, from the root")
        << https << "git@git.example.com:/acme/shop.git" << true;
    QTest::newRow("like scp, without a user") << https << "git.example.com:acme/shop" << true;
    QTest::newRow("like scp and ssh") << "git@git.example.com:acme/shop.git"
                                      << "ssh://git@git.example.com:22/acme/shop" << true;
    QTest::newRow("like scp and ssh on another port")
        << "git@git.example.com:acme/shop.git" << "ssh://git@git.example.com:2222/acme/shop"
        << false;
    QTest::newRow("an address of IPv6") << "ssh://git@[2001:DB8::1]:2222/acme/shop"
                                        << "https://[2001:db8::1]/acme/shop.git" << true;
    QTest::newRow("with a query") << https << "https://git.example.com/acme/shop.git?x=1" << true;
    QTest::newRow("spaces around it") << https << "  https://git.example.com/acme/shop.git\n"
                                      << true;
    QTest::newRow("another repository") << https << "https://git.example.com/acme/shop2" << false;
    QTest::newRow("another owner") << https << "https://git.example.com/evil/shop" << false;
    QTest::newRow("another host") << https << "https://git.example.org/acme/shop" << false;
    QTest::newRow("a host that begins alike")
        << https << "https://git.example.com.evil/acme/shop" << false;
    QTest::newRow("a user that looks like the host")
        << https << "https://git.example.com@evil.example/acme/shop" << false;
    QTest::newRow("a longer path") << https << "https://git.example.com/x/acme/shop" << false;
    QTest::newRow("paths") << "/srv/git/shop.git" << "file:///srv/git/shop" << true;
    QTest::newRow("other paths") << "/srv/git/shop.git" << "/srv/git/other.git" << false;
    QTest::newRow("a path and a host") << "/acme/shop" << https << false;
    QTest::newRow("nothing and nothing") << "" << "" << false;
  }
  void tellsRepositoriesApart() {
    QFETCH(QString, a);
    QFETCH(QString, b);
    QFETCH(bool, same);
    QCOMPARE(sameRepository(a.toStdString(), b.toStdString()), same);
    QCOMPARE(sameRepository(b.toStdString(), a.toStdString()), same);
  }

  void refusesWhatIsNoRepository_data() {
    QTest::addColumn<QString>("text");
    for (const char* text :
         {"", "shop", "relative/path", "https://", "https:///acme/shop", "https://host",
          "https://host/", "https://host:0/x", "https://host:99999/x", "https://host:port/x",
          "ftp://host/x", "-oProxyCommand=x", "javascript://host/x", ":x"}) {
      QTest::newRow(text) << text;
    }
  }
  void refusesWhatIsNoRepository() {
    QFETCH(QString, text);
    QVERIFY(!parseRepositoryUrl(text.toStdString()));
  }
};

QTEST_GUILESS_MAIN(TstRepositoryUrl)
#include "tst_repository_url.moc"
