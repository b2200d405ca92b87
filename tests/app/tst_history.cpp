// SPDX-License-Identifier: Apache-2.0
// The desktop's History, and what is asked beside it, over a server in this process: that what was
// asked for is what is sent though the cluster goes on, and that every answer is shown.
#include <QComboBox>
#include <QHeaderView>
#include <QSettings>
#include <QTabBar>
#include <QTableView>
#include <QTest>

#include "app/desktop/pages/compare_dialog.h"
#include "app/desktop/pages/holds_list.h"
#include "app/desktop/pages/matrix_panel.h"
#include "app/desktop/pages/plan_view.h"
#include "app/desktop/pages/rollback_dialog.h"
#include "app/desktop/pages/rollouts_page.h"
#include "app/desktop/widgets/confirm_dialog.h"
#include "app/desktop/widgets/table_view.h"
#include "app/models/text.h"
#include "controller/api/answers.h"
#include "tests/support/desk.h"

using namespace gantry;
using namespace gantry::desktop;
using namespace gantry::support;

namespace {

const client::Key kProduction{"gantry", "production"};

MatrixPanel& openMatrix(Desk& desk) {
  desk.window.navigator().open(Place::kHistory, client::Kind::kApplication, kProduction);
  return *desk.window.page(Place::kHistory).findChild<MatrixPanel*>();
}

void putHold(Desk& desk, const std::string& name, const std::string& commit) {
  api::Object object;
  api::Hold& hold = *object.mutable_hold();
  hold.set_name(name);
  hold.set_namespace_("gantry");
  hold.set_application("production");
  hold.set_commit(commit);
  hold.set_by("bo");
  hold.set_reason("too fast");
  desk.server.put("hold/" + name, object);
}

/// Changes an Application of the demo, as the controller would.
void change(Desk& desk, const std::string& name,
            const std::function<void(schema::Application&)>& how) {
  api::Object object = *desk.session.cache().find(client::Kind::kApplication, {"gantry", name});
  how(*object.mutable_application());
  desk.server.put("application/" + name, object);
}

/// A plan that puts a revision newer than all others on top of the matrix.
api::Plan newestPlan(Desk& desk) {
  api::Plan plan = desk.cluster.billingPlan();
  plan.set_name("dev-9");
  plan.set_application("dev");
  plan.mutable_revision()->set_commit("ffff000011");
  plan.mutable_revision()->mutable_committed_at()->set_unix_ms(
      std::numeric_limits<std::int64_t>::max() / 2);
  return plan;
}

}  // namespace

class TstHistory : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { support::prepareDesktop("gantry-test-history"); }

  void whatIsHeldIsWhatWasAskedThoughTheMatrixMoves() {
    Desk desk;
    api::HoldRevisionRequest held;
    desk.server.onHold = [&](const api::HoldRevisionRequest& request, api::Hold*) {
      held = request;
      return grpc::Status::OK;
    };
    QVERIFY(desk.waitLive());
    MatrixPanel& panel = openMatrix(desk);
    panel.select(kProduction, "8f2c1a9d40");
    onDialog(this, [&](QDialog& dialog) {
      const int rows = panel.table().model()->rowCount();
      desk.cluster.putPlan(newestPlan(desk));
      QTRY_COMPARE(panel.table().model()->rowCount(), rows + 1);
      QTest::keyClicks(input(dialog, "Reason"), "too fast");
      button<GatedButton>(dialog, "Hold 8f2c1a9")->click();
    });
    button<GatedButton>(panel, "Hold")->click();
    QTRY_COMPARE(held.commit(), std::string("8f2c1a9d40"));
    QCOMPARE(held.application(), std::string("production"));
    QCOMPARE(held.reason(), std::string("too fast"));
  }

  void aHoldIsLiftedThoughTheListMoves() {
    Desk desk;
    api::LiftHoldRequest lifted;
    desk.server.onLiftHold = [&](const api::LiftHoldRequest& request, api::LiftHoldResponse*) {
      lifted = request;
      return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "no longer held");
    };
    QVERIFY(desk.waitLive());
    openMatrix(desk);
    auto* list = desk.window.page(Place::kHistory).findChild<HoldsList*>();
    QTRY_COMPARE(list->findChildren<GatedButton*>().size(), 1);
    onDialog(this, [&](QDialog& dialog) {
      putHold(desk, "production-9", "9b1e77c3fa");
      QTRY_COMPARE(list->findChildren<GatedButton*>().size(), 2);
      QTest::keyClicks(input(dialog, "Reason"), "fixed");
      button<GatedButton>(dialog, "Lift hold")->click();
    });
    list->findChildren<GatedButton*>().first()->click();
    QTRY_COMPARE(lifted.hold(), std::string("production-3"));
    QTRY_VERIFY(shows(desk.window, "✖ Refused: no longer held"));
  }

  void manyHoldsLeaveRoomForTheMatrix() {
    Desk desk;
    QVERIFY(desk.waitLive());
    for (int i = 0; i < 40; ++i) putHold(desk, "many-" + std::to_string(i), "9b1e77c3fa");
    openMatrix(desk);
    auto* list = desk.window.page(Place::kHistory).findChild<HoldsList*>();
    QTRY_COMPARE(list->findChildren<GatedButton*>().size(), 41);
    QVERIFY(list->height() < 130);
  }

  void aCellOfAnApplicationThatIsGoneIsNoTrap() {
    Desk desk;
    QVERIFY(desk.waitLive());
    MatrixPanel& panel = openMatrix(desk);
    QTRY_VERIFY(panel.table().currentIndex().isValid());
    const QModelIndex last = panel.table().currentIndex();
    panel.table().clearSelection();
    bool selected = false;
    connect(&desk.session, &Session::updated, &panel, [&] {
      if (desk.session.cache().find(client::Kind::kApplication, kProduction) != nullptr) return;
      // The matrix still has its column.
      if (!last.isValid() || std::exchange(selected, true)) return;
      panel.table().selectionModel()->select(last, QItemSelectionModel::ClearAndSelect);
    });
    desk.server.remove("application/production", "Application", "gantry", "production");
    QTRY_VERIFY(selected);
  }

  void aResumeIsRefusedIfSomebodySuspendedItAgain() {
    Desk desk;
    bool sent = false;
    desk.server.onResume = [&](const api::ResumeRequest&, api::ResumeResponse*) {
      sent = true;
      return grpc::Status::OK;
    };
    QVERIFY(desk.waitLive());
    openMatrix(desk);
    desk.window.navigator().inspect(client::Kind::kApplication, {"gantry", "billing"});
    onDialog(this, [&](QDialog& dialog) {
      QVERIFY(shows(dialog, "the database moves"));
      change(desk, "billing", [](schema::Application& billing) {
        billing.mutable_status()->mutable_suspension()->set_reason("the disk is full");
      });
      QTRY_VERIFY(shows(desk.window, "the disk is full"));
      QTest::keyClicks(input(dialog, "Reason"), "moved");
      button<GatedButton>(dialog, "Resume billing")->click();
    });
    button<GatedButton>(desk.window, "Resume…")->click();
    QTRY_VERIFY(shows(desk.window, "✖ Changed while you were asked; look at it again"));
    QVERIFY(!sent);
  }

  void aRefusalOfASuspensionIsReadBesideIt() {
    Desk desk;
    desk.server.onSuspend = [&](const api::SuspendRequest&, api::SuspendResponse*) {
      return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "needs the permission suspend");
    };
    QVERIFY(desk.waitLive());
    openMatrix(desk);
    onDialog(this, [](QDialog& dialog) {
      QTest::keyClicks(input(dialog, "Reason"), "a move");
      button<GatedButton>(dialog, "Suspend production")->click();
    });
    button<GatedButton>(desk.window, "Suspend…")->click();
    QTRY_VERIFY(shows(desk.window, "✖ Refused: needs the permission suspend"));
    desk.window.navigator().inspect(client::Kind::kApplication, {"gantry", "dev"});
    for (const QLabel* label : desk.window.findChildren<QLabel*>()) {
      QVERIFY(!label->isVisible() || !label->text().startsWith("✖ Refused"));
    }
  }

  void aRefusalOfAPauseIsReadInItsRow() {
    Desk desk;
    desk.server.onPause = [&](const api::RolloutRequest&, api::RolloutResponse*) {
      return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "it is paused already");
    };
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kRollouts);
    auto& page = static_cast<RolloutsPage&>(desk.window.page(Place::kRollouts));
    onDialog(this, [](QDialog& dialog) {
      QTest::keyClicks(input(dialog, "Reason"), "wait");
      button<GatedButton>(dialog, "Pause front")->click();
    });
    page.pause("shop", "front");
    QTRY_COMPARE(page.answer(), QString("✖ Refused: it is paused already"));
    QCOMPARE(page.answeredRow(), QString("shop/front"));
    QCOMPARE(page.answerTone(), int(models::Tone::kBad));
  }

  void anApplicationIsSyncedInTheInspector() {
    Desk desk;
    api::SyncRequest received;
    desk.server.onSync = [&](const api::SyncRequest& request, api::SyncResponse* response) {
      received = request;
      response->set_message("nothing to change");
      return grpc::Status::OK;
    };
    QVERIFY(desk.waitLive());
    openMatrix(desk);
    onDialog(this,
             [](QDialog& dialog) { button<GatedButton>(dialog, "Sync production")->click(); });
    button<GatedButton>(desk.window, "Sync…")->click();
    QTRY_VERIFY(shows(desk.window, "✔ nothing to change"));
    QCOMPARE(received.application(), std::string("production"));
    QVERIFY(received.override_digest().empty());
  }

  void aRollbackSaysWhetherItIsInGit_data() {
    QTest::addColumn<QString>("message");
    QTest::addColumn<QString>("shown");
    QTest::newRow("it is") << api::kRollbackInGit
                           << "✔ Revert commit 77ad0e2 \"Feature flags\" (Bo Lind): applied, and";
    QTest::newRow("Git is away") << "applied; the revert commit is pushed as soon as Git can be "
                                    "written"
                                 << "▲ applied; the revert commit is pushed as soon as";
    QTest::newRow("it never will be") << "applied, but there is no revert commit: refused"
                                      << "▲ applied, but there is no revert commit: refused";
  }
  void aRollbackSaysWhetherItIsInGit() {
    QFETCH(QString, message);
    QFETCH(QString, shown);
    Desk desk;
    desk.server.onRollback = [&](const api::RollbackRequest&, api::RollbackResponse* response) {
      api::RollbackPreview preview;
      desk.server.onPreviewRollback({}, &preview);
      *response->mutable_revert() = preview.to().revision();
      response->set_message(message.toStdString());
      return grpc::Status::OK;
    };
    QVERIFY(desk.waitLive());
    MatrixPanel& panel = openMatrix(desk);
    panel.select(kProduction, "77ad0e2b11");
    onDialog(this, [](QDialog& dialog) {
      QTest::keyClicks(input(dialog, "Reason"), "503");
      QTest::keyClicks(input(dialog, "Name to confirm"), "production");
      button<GatedButton>(dialog, "Roll back production")->click();
    });
    button<GatedButton>(panel, "Roll back to this")->click();
    QTRY_VERIFY(shows(desk.window, shown));
    if (shown.startsWith("▲")) QVERIFY(!shows(desk.window, "Revert commit 77ad0e2"));
  }

  void whileGitIsAwayTheInspectorAndARollbackSaySo() {
    Desk desk;
    QVERIFY(desk.waitLive());
    change(desk, "production", [](schema::Application& production) {
      schema::ApplicationStatus& status = *production.mutable_status();
      status.mutable_last_fetch()->set_unix_ms(models::nowMs() - 27 * 60'000);
      schema::Condition& condition = *status.add_conditions();
      condition.set_type("Source");
      condition.set_status("True");
      condition.set_message("git.local: connection refused");
      status.mutable_rollback()->set_by("ana");
      status.mutable_rollback()->set_reason("503");
      status.mutable_rollback()->set_applied(true);
    });
    MatrixPanel& panel = openMatrix(desk);
    QTRY_VERIFY(shows(desk.window, "Source: git.local: connection refused"));
    QVERIFY(shows(desk.window, "▲ 27m ago, and not since"));
    QVERIFY(shows(desk.window, "503; the revert commit is not in Git yet"));
    panel.select(kProduction, "77ad0e2b11");
    bool said = false;
    onDialog(this, [&](QDialog& dialog) {
      said = shows(dialog, "▲ Git cannot be read: the rollback is applied now");
      dialog.reject();
    });
    button<GatedButton>(panel, "Roll back to this")->click();
    QTRY_VERIFY(said);
  }

  void productionOpensLockedAndLocksAgain() {
    client::Context context;
    context.name = "prod-eu";
    FakeControlServer server;
    Session plain(context, client::connectOver(server.channel()));
    QVERIFY(!plain.isReadOnly());
    context.production = true;
    Session session(context, client::connectOver(server.channel()));
    QVERIFY(session.isReadOnly());
    session.setReadOnly(false);
    QVERIFY(!session.isReadOnly());
    QVERIFY(session.locksAgainInMs() > 14 * 60'000 && session.locksAgainInMs() < 16 * 60'000);
    session.setReadOnly(true);
    QVERIFY(session.isReadOnly());
    QCOMPARE(session.locksAgainInMs(), -1);
    plain.setReadOnly(true);
    plain.setReadOnly(false);
    QCOMPARE(plain.locksAgainInMs(), -1);
  }

  void twoCellsOfOneRevisionAreNotCompared() {
    Desk desk;
    QVERIFY(desk.waitLive());
    MatrixPanel& panel = openMatrix(desk);
    QTableView& table = panel.table();
    QTRY_VERIFY(table.currentIndex().isValid());
    const QModelIndex here = table.currentIndex();
    table.selectionModel()->select(here.siblingAtColumn(models::MatrixModel::kFixedColumns),
                                   QItemSelectionModel::Select);
    auto* compare = button<GatedButton>(panel, "Compare");
    QVERIFY(!compare->isEnabled());
    QCOMPARE(compare->toolTip(), QString("Both are the same revision"));
  }

  void aBranchIsComparedAsItWouldBeMerged() {
    Desk desk;
    api::PreviewRevisionRequest previewed;
    desk.server.onPreviewRevision = [&](const api::PreviewRevisionRequest& request,
                                        api::Plan* plan) {
      previewed = request;
      *plan = desk.cluster.productionPlan("");
      plan->set_preview("merge");
      plan->set_message("feature/pool merged into main (8f2c1a9)");
      return grpc::Status::OK;
    };
    QVERIFY(desk.waitLive());
    openMatrix(desk);
    bool shown = false;
    onDialog(this, [&](QDialog& dialog) {
      onDialog(this, [&](QDialog& answer) {
        QCOMPARE(answer.windowTitle(), QString("Compare revisions of production"));
        shown = shows(answer, "feature/pool merged into main (8f2c1a9)") &&
                shows(answer, "production: applied → after merging feature/pool");
        answer.reject();
      });
      auto* act = button<GatedButton>(dialog, "Compare");
      QVERIFY(!act->isEnabled());
      QTest::keyClicks(input(dialog, "Revision"), "feature/pool");
      act->click();
    });
    button<GatedButton>(desk.window, "Compare with…")->click();
    QTRY_VERIFY(shown);
    QCOMPARE(previewed.revision(), std::string("feature/pool"));
    QCOMPARE(previewed.application(), std::string("production"));
  }

  void anEntryOfTheHistoryIsComparedWithWhatRuns() {
    Desk desk;
    api::CompareRevisionsRequest received;
    const auto answer = desk.server.onCompare;
    desk.server.onCompare = [&](const api::CompareRevisionsRequest& request, api::Plan* plan) {
      received = request;
      return answer(request, plan);
    };
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kHistory, client::Kind::kHistoryEntry,
                                 {"gantry", "production-2"});
    QWidget& page = desk.window.page(Place::kHistory);
    bool shown = false;
    onDialog(this, [&](QDialog& dialog) {
      QVERIFY(dialog.findChild<QComboBox*>()->currentText().startsWith("production-2: 77ad0e2"));
      onDialog(this, [&](QDialog& compared) {
        shown = dynamic_cast<CompareDialog&>(compared).view().objects().count() == 3;
        compared.reject();
      });
      button<GatedButton>(dialog, "Compare")->click();
    });
    button<GatedButton>(page, "Compare with…")->click();
    QTRY_VERIFY(shown);
    QCOMPARE(received.to(), std::string("production-2"));
    QVERIFY(received.from().empty());
  }

  void enterOnALineOfTheTimelineOpensItsPlan() {
    Desk desk;
    api::Plan plan = desk.cluster.productionPlan("old");
    plan.set_name("production-2");
    plan.set_state(api::APPLIED);
    desk.cluster.putPlan(plan);
    QVERIFY(desk.waitLive());
    desk.window.navigator().open(Place::kHistory, client::Kind::kHistoryEntry,
                                 {"gantry", "production-4"});
    QWidget& page = desk.window.page(Place::kHistory);
    TableView* timeline = nullptr;
    for (TableView* view : page.findChildren<TableView*>()) {
      if (view->isVisible()) timeline = view;
    }
    QVERIFY(timeline != nullptr);
    QTest::keyClick(timeline, Qt::Key_Return);
    QVERIFY(shows(page, "The plan of production-4 is no longer kept"));
    timeline->select({"gantry", "production-2"});
    QTest::keyClick(timeline, Qt::Key_Return);
    QCOMPARE(desk.window.currentPlace(), Place::kChanges);
  }

  void theAuditTrailSaysWhetherItIsWhole() {
    Desk desk;
    QVERIFY(desk.waitLive());
    desk.window.navigator().openObject(client::Kind::kAuditRecord, {"gantry", "production-2"});
    QWidget& page = desk.window.page(Place::kHistory);
    QCOMPARE(page.findChild<QTabBar*>()->currentIndex(), 2);
    QTRY_VERIFY(shows(page, "✔ 5 records, the chain is whole"));
    QTRY_VERIFY(shows(page, "production-2 hold by ana"));
    api::Object object =
        *desk.session.cache().find(client::Kind::kAuditRecord, {"gantry", "production-3"});
    object.mutable_audit_record()->set_by("eve");
    desk.server.put("audit/production-3", object);
    QTRY_VERIFY(shows(page, "▲ 5 records, the chain is broken: "));
    QTRY_VERIFY(shows(page, "production-3"));
  }

  void theColumnsOfAWideMatrixAreScrolledTo() {
    Desk desk;
    QVERIFY(desk.waitLive());
    for (int i = 0; i < 6; ++i) {
      api::Object object = *desk.session.cache().find(client::Kind::kApplication, kProduction);
      const std::string name = "region-" + std::to_string(i);
      object.mutable_application()->mutable_metadata()->set_name(name);
      object.mutable_application()->mutable_spec()->set_environment(name);
      desk.server.put("application/" + name, object);
    }
    MatrixPanel& panel = openMatrix(desk);
    QTRY_COMPARE(panel.table().model()->columnCount(), 3 + 9);
    QVERIFY(panel.table().columnWidth(1) >= 180);
    QVERIFY(panel.table().columnWidth(11) >= 140);
    panel.table().horizontalHeader()->resizeSection(1, 300);
    Desk again;
    QVERIFY(again.waitLive());
    QTRY_COMPARE(openMatrix(again).table().columnWidth(1), 300);
    QSettings().remove("matrix/widths");
  }
};

QTEST_MAIN(TstHistory)
#include "tst_history.moc"
