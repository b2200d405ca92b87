// SPDX-License-Identifier: Apache-2.0
// The six jobs of the desktop, done with keys and clicks over a real connection to a server in this
// process.
#include <QAccessible>
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QTimer>
#include <memory>

#include "app/desktop/dock.h"
#include "app/desktop/logs/log_panel.h"
#include "app/desktop/main_window.h"
#include "app/desktop/notifier.h"
#include "app/desktop/pages/changes_page.h"
#include "app/desktop/pages/compare_dialog.h"
#include "app/desktop/pages/matrix_panel.h"
#include "app/desktop/pages/nodes_page.h"
#include "app/desktop/pages/overview_page.h"
#include "app/desktop/pages/rollback_dialog.h"
#include "app/desktop/widgets/confirm_dialog.h"
#include "tests/support/desk.h"

using namespace gantry;
using namespace gantry::desktop;
using support::button;
using support::Desk;
using support::input;
using support::onDialog;
using support::shows;

class TstDesktop : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { support::prepareDesktop("gantry-test"); }
  void init() { QSettings().clear(); }

  void theOverviewNamesWhatFailsAndWhy() {
    Desk desk;
    QVERIFY(desk.waitLive());
    auto& page = static_cast<OverviewPage&>(desk.window.page(Place::kOverview));
    auto& rows = static_cast<models::RowList&>(*page.exceptions());
    QTRY_COMPARE(rows.count(), 2);
    QStringList seen;
    for (int row = 0; row < rows.count(); ++row) {
      for (int field = 1; field <= 8; ++field)
        seen << rows.index(row).data(Qt::UserRole + field).toString();
    }
    QVERIFY(seen.contains("shop/checkout"));
    QVERIFY(seen.contains("web: OOMKilled, exit code 137"));
    QVERIFY(seen.contains("eu-b-17"));
  }

  void aPlanIsApprovedInsideItsDiffWithACommentAndItsDigest() {
    Desk desk;
    api::ApprovePlanRequest received;
    desk.server.onApprove = [&](const api::ApprovePlanRequest& request, api::Plan* plan) {
      received = request;
      *plan = desk.cluster.productionPlan();
      plan->set_message("approved");
      return grpc::Status::OK;
    };
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kChanges, client::Kind::kPlan, {"gantry", "production-7"});
    QWidget& page = desk.window.page(Place::kChanges);
    auto* approve = button<GatedButton>(page, "Approve 8f2c1a9");
    QVERIFY(approve != nullptr);
    QTRY_COMPARE(approve->toolTip(), QString("Write a comment first"));
    QTest::keyClicks(input(page, "Comment"), "traffic is low");
    QVERIFY(approve->isEnabled());
    onDialog(this, [](QDialog& dialog) {
      auto* act = button<GatedButton>(dialog, "Approve with deletions");
      QVERIFY(!act->isEnabled());
      QTest::keyClicks(input(dialog, "Name to confirm"), "production");
      QVERIFY(act->isEnabled());
      act->click();
    });
    approve->click();
    QTRY_COMPARE(received.comment(), std::string("traffic is low"));
    QCOMPARE(received.commit(), desk.cluster.productionPlan().revision().commit());
    QCOMPARE(received.digest(), desk.cluster.productionPlan().digest());
    QTRY_VERIFY(desk.session.activity().index(0, 2).data().toString().startsWith("✔"));
  }

  void aPlanThatMovedCannotBeApprovedUnseen() {
    Desk desk;
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kChanges, client::Kind::kPlan, {"gantry", "production-7"});
    QWidget& page = desk.window.page(Place::kChanges);
    auto* approve = button<GatedButton>(page, "Approve 8f2c1a9");
    QVERIFY(approve != nullptr);
    desk.cluster.putPlan(desk.cluster.productionPlan("another"));
    QTRY_COMPARE(approve->text(), QString("Changed – review again"));
    QVERIFY(!approve->isEnabled());
    button<>(page, "Review again")->click();
    QTest::keyClicks(input(page, "Comment"), "seen");
    QTRY_VERIFY(approve->isEnabled());
    QVERIFY(approve->toolTip().endsWith("another"));
  }

  void aRejectionNeedsAReason() {
    Desk desk;
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kChanges, client::Kind::kPlan, {"gantry", "production-7"});
    QWidget& page = desk.window.page(Place::kChanges);
    auto* reject = button<GatedButton>(page, "Reject");
    QTRY_VERIFY(!reject->toolTip().isEmpty());
    QVERIFY(!reject->isEnabled());
    QTest::keyClicks(input(page, "Comment"), "not on Friday");
    QVERIFY(reject->isEnabled());
  }

  void aPlanNamesItsGatesItsPeopleAndItsCommits() {
    Desk desk;
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kChanges, client::Kind::kPlan, {"gantry", "production-7"});
    QWidget& page = desk.window.page(Place::kChanges);
    for (const char* text :
         {"✖ window", "(the shop is busy) is open", "✔ dependency", "Approvals: 1 of 2",
          "✔ bo (sre)", "▲ missing: one of security", "2 commits", "Dee Ortiz, 3h ago",
          "▲ Changed since production-6, which had approvals", "spec.replicas is 3, it was 4"}) {
      QVERIFY2(shows(page, QString::fromUtf8(text)), text);
    }
  }

  void anAuthorReadsWhyNotBeforeTheClick() {
    Desk desk;
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kChanges, client::Kind::kPlan, {"gantry", "billing-2"});
    QWidget& page = desk.window.page(Place::kChanges);
    const QString why = "You wrote commit aa10bb20 of this plan; somebody else must approve it";
    QTRY_VERIFY(shows(page, why));
    auto* approve = button<GatedButton>(page, "Approve aa10bb2");
    QVERIFY(!approve->isEnabled());
    QCOMPARE(approve->toolTip(), why);
    QVERIFY(!button<GatedButton>(page, "Override")->isVisible());
  }

  void anOverrideIsForTheDigestOnScreen() {
    Desk desk;
    api::SyncRequest received;
    desk.server.onSync = [&](const api::SyncRequest& request, api::SyncResponse*) {
      received = request;
      return grpc::Status::OK;
    };
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kChanges, client::Kind::kPlan, {"gantry", "production-7"});
    auto* start = button<GatedButton>(desk.window.page(Place::kChanges), "Override");
    QTRY_VERIFY(start->isEnabled());
    onDialog(this, [](QDialog& dialog) {
      const QString preview = dialog.findChild<QPlainTextEdit*>()->toPlainText();
      QVERIFY(preview.contains("▲ goes past window: the deny window \"0 8 * * 1-6\" for 14h"));
      QVERIFY(preview.contains("✖ still needs approval"));
      QVERIFY(preview.contains("✖ DELETE ConfigMap shop/legacy-flags"));
      auto* act = button<GatedButton>(dialog, "Override for production");
      QCOMPARE(dialog.focusWidget(), input(dialog, "Reason"));
      QTest::keyClicks(dialog.focusWidget(), "outage");
      QTest::keyClick(dialog.focusWidget(), Qt::Key_Return);
      QVERIFY(dialog.isVisible());
      QVERIFY(!act->isEnabled());
      QTest::keyClicks(input(dialog, "Name to confirm"), "production");
      act->click();
    });
    start->click();
    QTRY_COMPARE(received.reason(), std::string("outage"));
    QCOMPARE(received.override_digest(), desk.cluster.productionPlan().digest());
  }

  void keysWalkThroughADiff() {
    Desk desk;
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kChanges, client::Kind::kPlan, {"gantry", "production-7"});
    auto* view = desk.window.page(Place::kChanges).findChild<PlanView*>();
    QTRY_COMPARE(view->objects().count(), 3);
    QVERIFY(view->diff().visibleText().contains("startupProbe"));
    QVERIFY(view->diff().visibleText().contains("⋯"));
    desk.window.activateWindow();
    view->diff().setFocus();
    const bool sideBySide = view->diff().isSideBySide();
    QTest::keyClick(&view->diff(), Qt::Key_D);
    QCOMPARE(view->diff().isSideBySide(), !sideBySide);
    QTest::keyClick(&view->diff(), Qt::Key_BracketRight);
    QCOMPARE(view->objects().currentRow(), 1);
    QTest::keyClick(&view->diff(), Qt::Key_V);
    QVERIFY(view->objects().item(1)->text().startsWith("☑"));
    QCOMPARE(view->objects().currentRow(), 2);
  }

  void aRollbackShowsItsDiffAndNeedsAReason() {
    Desk desk;
    api::RollbackRequest received;
    desk.server.onRollback = [&](const api::RollbackRequest& request, api::RollbackResponse*) {
      received = request;
      return grpc::Status::OK;
    };
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kHistory, client::Kind::kHistoryEntry,
                                 {"gantry", "production-2"});
    auto* start = button<GatedButton>(desk.window.page(Place::kHistory), "Roll back to this");
    QTRY_VERIFY(start->isEnabled());
    onDialog(this, [](QDialog& dialog) {
      auto& rollback = dynamic_cast<RollbackDialog&>(dialog);
      QVERIFY(rollback.view().diff().visibleText().contains("+   replicas: 3"));
      auto* act = button<GatedButton>(dialog, "Roll back production");
      QVERIFY(!act->isEnabled());
      QTest::keyClicks(input(dialog, "Reason"), "503");
      QVERIFY(!act->isEnabled());
      QTest::keyClicks(input(dialog, "Name to confirm"), "production");
      act->click();
    });
    start->click();
    QTRY_COMPARE(received.reason(), std::string("503"));
    QCOMPARE(received.to(), std::string("production-2"));
    QCOMPARE(received.digest(), std::string("preview"));
  }

  void twoCellsOfTheMatrixAreCompared() {
    Desk desk;
    api::CompareRevisionsRequest received;
    const auto answer = desk.server.onCompare;
    desk.server.onCompare = [&](const api::CompareRevisionsRequest& request, api::Plan* plan) {
      received = request;
      return answer(request, plan);
    };
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kHistory, client::Kind::kApplication,
                                 {"gantry", "production"});
    auto* panel = desk.window.page(Place::kHistory).findChild<MatrixPanel*>();
    QTableView& table = panel->table();
    QTRY_COMPARE(table.currentIndex().data().toString().section(' ', 0, 1), QString("✖ live,"));
    QCOMPARE(table.currentIndex().row(), 2);
    auto* compare = button<GatedButton>(*panel, "Compare");
    QVERIFY(!compare->isEnabled());
    // Front 2.1.0 in production with "Retry payments twice" in dev.
    const QModelIndex dev = table.model()->index(0, models::MatrixModel::kFixedColumns);
    QVERIFY(dev.data().toString().startsWith("◐ rolling out"));
    table.selectionModel()->select(dev, QItemSelectionModel::Select);
    QVERIFY(compare->isEnabled());
    QVERIFY(!button<GatedButton>(*panel, "Hold")->isEnabled());
    bool shown = false;
    onDialog(this, [&](QDialog& dialog) {
      shown = dynamic_cast<CompareDialog&>(dialog).view().objects().count() == 3;
      dialog.accept();
    });
    compare->click();
    QTRY_VERIFY(shown);
    QCOMPARE(received.from(), std::string("9b1e77c3fa"));
    QCOMPARE(received.to(), std::string("3e4f5a6b7c"));
  }

  void aCellIsHeldAndGoneBackTo() {
    Desk desk;
    api::HoldRevisionRequest held;
    desk.server.onHold = [&](const api::HoldRevisionRequest& request, api::Hold*) {
      held = request;
      return grpc::Status::OK;
    };
    api::RollbackRequest rolledBack;
    desk.server.onRollback = [&](const api::RollbackRequest& request, api::RollbackResponse*) {
      rolledBack = request;
      return grpc::Status::OK;
    };
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kHistory, client::Kind::kApplication,
                                 {"gantry", "production"});
    auto* panel = desk.window.page(Place::kHistory).findChild<MatrixPanel*>();
    panel->select({"gantry", "production"}, "8f2c1a9d40");
    QVERIFY(panel->table().currentIndex().data().toString().startsWith("◔ waits"));
    auto* rollback = button<GatedButton>(*panel, "Roll back to this");
    QCOMPARE(rollback->toolTip(), QString("It was never applied there"));
    onDialog(this, [](QDialog& dialog) {
      QTest::keyClicks(input(dialog, "Reason"), "too fast");
      button<GatedButton>(dialog, "Hold 8f2c1a9")->click();
    });
    button<GatedButton>(*panel, "Hold")->click();
    QTRY_COMPARE(held.commit(), std::string("8f2c1a9d40"));
    QCOMPARE(held.application(), std::string("production"));
    panel->select({"gantry", "production"}, "77ad0e2b11");
    QTRY_VERIFY(rollback->isEnabled());
    onDialog(this, [](QDialog& dialog) {
      QTest::keyClicks(input(dialog, "Reason"), "503");
      QTest::keyClicks(input(dialog, "Name to confirm"), "production");
      button<GatedButton>(dialog, "Roll back production")->click();
    });
    rollback->click();
    QTRY_COMPARE(rolledBack.to(), std::string("production-2"));
  }

  void anApplicationIsSuspendedAndResumedInTheInspector() {
    Desk desk;
    api::SuspendRequest suspended;
    desk.server.onSuspend = [&](const api::SuspendRequest& request, api::SuspendResponse*) {
      suspended = request;
      return grpc::Status::OK;
    };
    std::string resumed;
    desk.server.onResume = [&](const api::ResumeRequest& request, api::ResumeResponse*) {
      resumed = request.application() + ": " + request.reason();
      return grpc::Status::OK;
    };
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kHistory, client::Kind::kApplication,
                                 {"gantry", "production"});
    QTRY_VERIFY(shows(desk.window, "approve 8f2c1a9 by bo\n      ok from here"));
    QVERIFY(shows(desk.window, "✖ window: the deny window \"0 8 * * 1-6\" for 14h"));
    onDialog(this, [](QDialog& dialog) {
      dialog.findChild<QComboBox*>()->setCurrentIndex(2);
      QTest::keyClicks(input(dialog, "Reason"), "a move");
      button<GatedButton>(dialog, "Suspend production")->click();
    });
    button<GatedButton>(desk.window, "Suspend…")->click();
    QTRY_COMPARE(suspended.reason(), std::string("a move"));
    QCOMPARE(suspended.ttl_seconds(), 7200);
    desk.window.navigator().inspect(client::Kind::kApplication, {"gantry", "billing"});
    QVERIFY(shows(desk.window, "‖ Suspended by cy since "));
    onDialog(this, [](QDialog& dialog) {
      QTest::keyClicks(input(dialog, "Reason"), "moved");
      button<GatedButton>(dialog, "Resume billing")->click();
    });
    button<GatedButton>(desk.window, "Resume…")->click();
    QTRY_COMPARE(resumed, std::string("billing: moved"));
  }

  void whatIsNewIsToldOnceAndCanBeSwitchedOff() {
    Desk desk;
    QVERIFY(desk.waitLive());
    QTRY_VERIFY(!desk.session.serverInfo().identity().empty());
    QTest::qWait(700);
    QWidget& toasts = desk.window.notifier().toasts();
    QVERIFY(!toasts.isVisible());
    desk.cluster.putPlan(desk.cluster.productionPlan("newer"));
    QTRY_VERIFY(toasts.isVisible());
    QVERIFY(shows(toasts, "production waits for your approval"));
    button<>(toasts, "Open")->click();
    QCOMPARE(desk.window.currentPlace(), Place::kChanges);
    QTRY_VERIFY(!toasts.isVisible());
    desk.window.notifier().setOn(false);
    desk.cluster.putPlan(desk.cluster.productionPlan("newest"));
    QTest::qWait(1000);
    QVERIFY(!toasts.isVisible());
    desk.window.notifier().setOn(true);
  }

  void aDrainShowsWhereItsPodsGo() {
    Desk desk;
    api::NodeRequest received;
    desk.server.onDrain = [&](const api::NodeRequest& request, api::NodeResponse*) {
      received = request;
      return grpc::Status::OK;
    };
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kNodes, client::Kind::kNode, {"", "eu-a-01"});
    auto* drain = button<GatedButton>(desk.window.page(Place::kNodes), "Drain");
    QTRY_VERIFY(drain->isEnabled());
    onDialog(this, [](QDialog& dialog) {
      QVERIFY(dialog.findChild<QPlainTextEdit*>()->toPlainText().contains(
          "Deployment/shop/front  →  eu-a-02"));
      QVERIFY(dialog.findChild<QPlainTextEdit*>()->toPlainText().contains(
          "▲ PodDisruptionBudget shop/front keeps 5 of 6 pods, 5 are Ready: its pods go when "
          "others are Ready"));
      QTest::keyClicks(input(dialog, "Reason"), "new kernel");
      QTest::keyClicks(input(dialog, "Name to confirm"), "eu-a-01");
      button<GatedButton>(dialog, "Drain eu-a-01")->click();
    });
    drain->click();
    QTRY_COMPARE(received.node(), std::string("eu-a-01"));
    QCOMPARE(received.reason(), std::string("new kernel"));
  }

  void oneKeyShowsTheLogsOfWhatIsSelected() {
    Desk desk;
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kWorkloads, client::Kind::kPod,
                                 {"shop", "front-7c9-x2klp"});
    auto* table = desk.window.page(Place::kWorkloads).findChild<TableView*>();
    QTRY_VERIFY(table->currentIndex().isValid());
    table->setFocus();
    QTest::keyClick(table, Qt::Key_L);
    LogModel& log = desk.window.dock().logs().model();
    QTRY_COMPARE(log.rowCount(), 62);
    QVERIFY(log.index(60).data().toString().contains("3 lines left out"));
  }

  void aFilterIsTypedAfterASlash() {
    Desk desk;
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kWorkloads, client::Kind::kPod,
                                 {"shop", "front-7c9-x2klp"});
    auto* table = desk.window.page(Place::kWorkloads).findChild<TableView*>();
    QTRY_COMPARE(table->proxy().rowCount(), 16);
    desk.window.page(Place::kWorkloads).focusFilter();
    auto* filter = input(desk.window.page(Place::kWorkloads), "Filter");
    QTest::keyClicks(filter, "status=CrashLoopBackOff restarts>3");
    QTRY_COMPARE(table->proxy().rowCount(), 2);
    QTest::keyClick(filter, Qt::Key_Escape);
    QTRY_COMPARE(table->proxy().rowCount(), 16);
  }

  void aLostLinkKeepsTheRowsAndStopsActions() {
    Desk desk;
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kNodes, client::Kind::kNode, {"", "eu-a-01"});
    QWidget& page = desk.window.page(Place::kNodes);
    auto* drain = button<GatedButton>(page, "Drain");
    QTRY_VERIFY(drain->isEnabled());
    desk.server.setRefusing(true);
    QTRY_VERIFY(!drain->isEnabled());
    QVERIFY(drain->toolTip().contains("STALE"));
    QCOMPARE(page.findChild<TableView*>()->proxy().rowCount(), 4);
    desk.server.setRefusing(false);
    QTRY_VERIFY_WITH_TIMEOUT(drain->isEnabled(), 10'000);
  }

  void aReadOnlyContextOpensLocked() {
    Desk desk(true);
    QTRY_VERIFY_WITH_TIMEOUT(!desk.session.serverInfo().identity().empty(), 10'000);
    desk.window.navigator().open(Place::kChanges, client::Kind::kPlan, {"gantry", "production-7"});
    auto* approve = button<GatedButton>(desk.window.page(Place::kChanges), "Approve");
    QTRY_VERIFY(approve->toolTip().contains("read-only"));
    QVERIFY(!approve->isEnabled());
    QTest::keyClicks(input(desk.window.page(Place::kChanges), "Comment"), "seen");
    QTest::keyClick(&desk.window, Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY(approve->isEnabled());
  }

  void everyPlaceHasAKeyAndAllTextIsPlainAndNamed() {
    Desk desk;
    QVERIFY(desk.waitLive());
    for (int i = 0; i < 6; ++i) {
      QTest::keyClick(&desk.window, Qt::Key(Qt::Key_1 + i), Qt::ControlModifier);
      QCOMPARE(int(desk.window.currentPlace()), i);
    }
    for (const QLabel* label : desk.window.findChildren<QLabel*>()) {
      QVERIFY2(label->textFormat() == Qt::PlainText, qPrintable(label->text()));
    }
    for (QWidget* widget : desk.window.findChildren<QWidget*>()) {
      const bool ours = qobject_cast<QAbstractItemView*>(widget) != nullptr ||
                        qobject_cast<QLineEdit*>(widget) != nullptr ||
                        qobject_cast<QAbstractButton*>(widget) != nullptr;
      if (!ours || widget->focusPolicy() == Qt::NoFocus || !widget->isVisible()) continue;
      QAccessibleInterface* accessible = QAccessible::queryAccessibleInterface(widget);
      QVERIFY2(!accessible->text(QAccessible::Name).isEmpty(), widget->metaObject()->className());
    }
  }
};

QTEST_MAIN(TstDesktop)
#include "tst_desktop.moc"
