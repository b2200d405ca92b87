// SPDX-License-Identifier: Apache-2.0
// What leads into the desktop from outside: links, and notices; and that its colours
// follow the scheme.
#include <unistd.h>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabBar>
#include <QTest>
#include <QTreeView>

#include "app/desktop/dock.h"
#include "app/desktop/link.h"
#include "app/desktop/notifier.h"
#include "app/desktop/pages/plan_view.h"
#include "app/desktop/theme.h"
#include "app/desktop/widgets/header_bar.h"
#include "tests/support/desk.h"

using namespace gantry;
using namespace gantry::desktop;
using namespace gantry::support;

class TstNotices : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { support::prepareDesktop("gantry-test-notices"); }

  void onlyALinkToAPlanOrAnApplicationIsOne_data() {
    QTest::addColumn<QString>("link");
    QTest::addColumn<QString>("object");
    QTest::newRow("a plan") << "gantry://plans/gantry/production-7" << "Plan gantry/production-7";
    QTest::newRow("an Application") << "gantry://applications/gantry/production"
                                    << "Application gantry/production";
    QTest::newRow("another scheme") << "https://plans/gantry/production-7" << "";
    QTest::newRow("another place") << "gantry://nodes/gantry/production-7" << "";
    QTest::newRow("no namespace") << "gantry://plans/production-7" << "";
    QTest::newRow("no plan") << "gantry://plans/gantry/" << "";
    QTest::newRow("more") << "gantry://plans/gantry/production-7/approve" << "";
    QTest::newRow("a query") << "gantry://plans/gantry/production-7?approve=1" << "";
    QTest::newRow("no link") << "production-7" << "";
    QTest::newRow("far too long") << "gantry://plans/gantry/" + QString(1000, 'a') << "";
  }
  void onlyALinkToAPlanOrAnApplicationIsOne() {
    QFETCH(QString, link);
    QFETCH(QString, object);
    const auto parsed = parseLink(link);
    QCOMPARE(parsed ? QString::fromStdString(client::kindName(parsed->kind) + " " + parsed->key.ns +
                                             "/" + parsed->key.name)
                    : QString(),
             object);
  }

  void aLinkOpensThePlanOnceAllIsReceived() {
    Desk desk;
    desk.window.openLink({client::Kind::kPlan, {"gantry", "billing-2"}});
    QVERIFY(desk.waitLive());
    QTRY_COMPARE(desk.window.currentPlace(), Place::kChanges);
    auto* view = desk.window.page(Place::kChanges).findChild<PlanView*>();
    QTRY_COMPARE(view->plan().name(), std::string("billing-2"));
  }

  void aLinkToAPlanThatWasAppliedOpensItsLineOfTheHistory() {
    Desk desk;
    QVERIFY(desk.waitLive());
    // Of plans that are no longer kept there is still the history.
    desk.window.openLink({client::Kind::kPlan, {"gantry", "production-4"}});
    QCOMPARE(desk.window.currentPlace(), Place::kHistory);
    QVERIFY(shows(desk.window.page(Place::kHistory), "rollback by ana: readiness 503"));
  }

  void aLinkToAnApplicationOpensItInTheHistory() {
    Desk desk;
    QVERIFY(desk.waitLive());
    desk.window.openLink({client::Kind::kApplication, {"gantry", "staging"}});
    QCOMPARE(desk.window.currentPlace(), Place::kHistory);
    QVERIFY(shows(desk.window, "staging"));
  }

  void aLinkToNothingSaysSo() {
    Desk desk;
    QVERIFY(desk.waitLive());
    desk.window.openLink({client::Kind::kPlan, {"gantry", "nothing-1"}});
    QVERIFY(shows(desk.window.notifier().toasts(), "There is no plan gantry/nothing-1"));
    desk.window.openLink({client::Kind::kApplication, {"gantry", "nothing"}});
    QVERIFY(shows(desk.window.notifier().toasts(), "There is no Application gantry/nothing"));
    QCOMPARE(desk.window.currentPlace(), Place::kOverview);
  }

  void noToastCutsItsTextOff() {
    Desk desk;
    QVERIFY(desk.waitLive());
    const std::string wraps =
        "production-which-has-such-a-long-name-that-it-wraps-twice-or-more-99";
    for (const std::string& name : {std::string("short-1"), wraps, std::string("short-2")}) {
      desk.window.openLink({client::Kind::kPlan, {"gantry", name}});
    }
    const auto labels = [&] { return desk.window.notifier().toasts().findChildren<QLabel*>(); };
    QTRY_COMPARE(labels().size(), 6);
    const auto isWhole = [](const QLabel* label) {
      return label->isVisible() && label->height() >= label->heightForWidth(label->width());
    };
    QTRY_VERIFY(std::ranges::all_of(labels(), isWhole));
  }

  void aLinkGoesToTheWindowThatIsThere() {
    const QString name = QStringLiteral("gantry-test-%1").arg(::getpid());
    QVERIFY(!LinkListener::handOn("gantry://plans/gantry/a-1", name));
    LinkListener listener(name);
    QVERIFY(listener.isListening());
    QSignalSpy spy(&listener, &LinkListener::opened);
    QVERIFY(LinkListener::handOn("gantry://plans/gantry/a-1", name));
    QTRY_COMPARE(spy.size(), 1);
    QCOMPARE(spy.at(0).at(0).value<Link>().key.name, std::string("a-1"));
    QVERIFY(LinkListener::handOn("rm -rf", name));
    QVERIFY(LinkListener::handOn(QString(100'000, 'x'), name));
    QVERIFY(LinkListener::handOn("gantry://plans/gantry/a-2", name));
    QTRY_COMPARE(spy.size(), 2);
    LinkListener second(name);
    QVERIFY(!second.isListening());
    QVERIFY(LinkListener::handOn("gantry://plans/gantry/a-3", name));
    QTRY_COMPARE(spy.size(), 3);
  }

  void whatWasToldCanBeReadAgain() {
    Desk desk;
    QVERIFY(desk.waitLive());
    auto* bell = [&]() -> QPushButton* {
      for (auto* each : desk.window.findChildren<QPushButton*>()) {
        if (each->accessibleName() == "Notices") return each;
      }
      return nullptr;
    }();
    QVERIFY(bell != nullptr);
    // Also while messages are switched off.
    desk.window.notifier().setOn(false);
    const models::Notice first{QStringLiteral("dev is degraded"),
                               QStringLiteral("0 of 2"),
                               models::Tone::kBad,
                               client::Kind::kApplication,
                               {"gantry", "dev"}};
    const models::Notice second{QStringLiteral("billing waits"),
                                {},
                                models::Tone::kWarning,
                                client::Kind::kPlan,
                                {"gantry", "billing-2"}};
    desk.window.notifier().add(first);
    desk.window.notifier().add(second);
    desk.window.notifier().setOn(true);
    QVERIFY(!desk.window.notifier().toasts().isVisible());
    QCOMPARE(bell->text(), QString("2"));
    bell->click();
    QVERIFY(desk.window.dock().isVisible());
    QTRY_COMPARE(bell->text(), QString());
    auto* list = qobject_cast<QTreeView*>(desk.window.dock().currentWidget());
    QVERIFY(list != nullptr);
    QCOMPARE(list->model()->index(0, 1).data().toString(), QString("▲ billing waits"));
    emit list->activated(list->model()->index(1, 0));
    QCOMPARE(desk.window.currentPlace(), Place::kHistory);
  }

  void coloursFollowTheScheme() {
    Desk desk;
    QVERIFY(desk.waitLive());
    auto* header = desk.window.findChild<HeaderBar*>();
    QLabel* freshness = nullptr;
    for (QLabel* label : header->findChildren<QLabel*>()) {
      if (label->accessibleName() == "Freshness") freshness = label;
    }
    QVERIFY(freshness != nullptr);
    const auto shows = [freshness](const QColor& color) {
      const QImage image = freshness->grab().toImage();
      for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
          if (image.pixelColor(x, y) == color) return true;
        }
      }
      return false;
    };
    const QColor light = theme::tone(models::Tone::kGood);
    QTRY_VERIFY(shows(light));
    theme::apply(theme::Scheme::kDark);
    const QColor dark = theme::tone(models::Tone::kGood);
    QVERIFY(light != dark);
    QTRY_VERIFY(shows(dark));
    QTRY_COMPARE(header->palette().color(QPalette::Window),
                 QApplication::palette().color(QPalette::Window));
    QCOMPARE(header->palette().color(QPalette::WindowText),
             QApplication::palette().color(QPalette::WindowText));
    QCOMPARE(header->palette().color(QPalette::Window),
             QApplication::palette().color(QPalette::Window));
    theme::apply(theme::Scheme::kLight);
    QTRY_COMPARE(header->palette().color(QPalette::Window),
                 QApplication::palette().color(QPalette::Window));
  }
};

QTEST_MAIN(TstNotices)
#include "tst_notices.moc"
