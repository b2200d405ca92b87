// SPDX-License-Identifier: Apache-2.0
// Where the links in notifications lead: a page that names what was asked for, lets nothing in, and
// knows nothing of the cluster.
#include <httplib.h>

#include <QCryptographicHash>
#include <QTest>

#include "controller/server/http_server.h"
#include "controller/server/link_page.h"
#include "tests/support/running_executor.h"

using namespace gantry;
using server::linkPage;

class TstLinkPage : public QObject {
  Q_OBJECT

 private slots:
  void saysHowThePlanIsOpened() {
    const auto page = linkPage("/plans/gantry-system/shop-production-12");
    QVERIFY(page.has_value());
    const QString html = QString::fromStdString(page->html);
    QVERIFY(html.contains("href=\"gantry://plans/gantry-system/shop-production-12\""));
    QVERIFY(html.contains("<code>gantry plan shop-production-12 -n gantry-system</code>"));
    QVERIFY(html.contains("<title>Gantry: Plan shop-production-12</title>"));
  }

  void saysHowTheApplicationIsOpened() {
    const auto page = linkPage("/applications/gantry-system/shop-production");
    QVERIFY(page.has_value());
    const QString html = QString::fromStdString(page->html);
    QVERIFY(html.contains("href=\"gantry://applications/gantry-system/shop-production\""));
    QVERIFY(
        html.contains("<code>gantry describe application shop-production -n gantry-system</code>"));
    QVERIFY(html.contains("<title>Gantry: Application shop-production</title>"));
  }

  void bringsNothingInFromElsewhere() {
    const auto page = linkPage("/plans/ns/a-1");
    QVERIFY(page.has_value());
    const QString html = QString::fromStdString(page->html);
    for (const char* part : {"<script", "<img", "<link", "http://", "https://", " style=", " on"}) {
      QVERIFY2(!html.contains(part), part);
    }
    const QString policy = QString::fromStdString(page->policy);
    QVERIFY(policy.startsWith("default-src 'none'; style-src 'sha256-"));
    QVERIFY(policy.contains("frame-ancestors 'none'"));
    QVERIFY(policy.contains("form-action 'none'"));
    QVERIFY(!policy.contains("unsafe"));
  }

  void theStyleIsTheOneThatThePolicyLetsIn() {
    const auto page = linkPage("/plans/ns/a-1");
    const QByteArray html = QByteArray::fromStdString(page->html);
    const qsizetype from = html.indexOf("<style>") + 7;
    const QByteArray hash =
        QCryptographicHash::hash(html.mid(from, html.indexOf("</style>") - from),
                                 QCryptographicHash::Sha256)
            .toBase64();
    QVERIFY(QByteArray::fromStdString(page->policy).contains("'sha256-" + hash + "'"));
  }

  void isNoPageForAnythingElse_data() {
    QTest::addColumn<QByteArray>("path");
    for (const char* path : {"/",
                             "/plans",
                             "/plans/",
                             "/plans/ns",
                             "/plans/ns/",
                             "/plans//a",
                             "/plans/ns/a/b",
                             "/plans/ns/a/",
                             "/applications/ns",
                             "/nodes/ns/a",
                             "plans/ns/a",
                             "/plans/NS/a",
                             "/plans/ns/A",
                             "/plans/ns/a b",
                             "/plans/ns/<b>a",
                             "/plans/ns/a\"onclick=",
                             "/plans/n.s/a",
                             "/plans/ns/-a",
                             "/plans/ns/..",
                             "/plans/../metrics"}) {
      QTest::newRow(path) << QByteArray(path);
    }
    QTest::newRow("a zero byte") << QByteArray("/plans/ns/a\0b", 13);
    QTest::newRow("a long name") << "/plans/ns/" + QByteArray(254, 'a');
  }
  void isNoPageForAnythingElse() {
    QFETCH(QByteArray, path);
    QVERIFY(!linkPage(path.toStdString()).has_value());
  }

  void isServedWithItsPolicy() {
    support::RunningExecutor executor;
    server::HttpServer server(executor.get(), [] { return std::string(); });
    QVERIFY(server.start("127.0.0.1:0").ok());
    httplib::Client client("127.0.0.1", server.port());
    const auto page = client.Get("/plans/gantry/production-7");
    QVERIFY(page);
    QCOMPARE(page->status, 200);
    QVERIFY(page->body == linkPage("/plans/gantry/production-7")->html);
    QCOMPARE(page->get_header_value("Content-Security-Policy"),
             linkPage("/plans/gantry/production-7")->policy);
    QCOMPARE(page->get_header_value("X-Content-Type-Options"), std::string("nosniff"));
    QVERIFY(page->get_header_value("Content-Type").starts_with("text/html"));
    const auto encoded = client.Get("/plans/gantry/%3Cscript%3E");
    QVERIFY(encoded);
    QCOMPARE(encoded->status, 404);
    const auto posted = client.Post("/plans/gantry/production-7", "", "text/plain");
    QVERIFY(posted);
    QCOMPARE(posted->status, 404);
    server.stop();
  }
};

QTEST_GUILESS_MAIN(TstLinkPage)
#include "tst_link_page.moc"
