// SPDX-License-Identifier: Apache-2.0
// The Changes page: what is on screen is what is decided about, whatever happens meanwhile.
#include <QAccessible>
#include <QClipboard>
#include <QHeaderView>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QSettings>
#include <QTest>
#include <QVBoxLayout>
#include <future>

#include "app/desktop/pages/changes_page.h"
#include "app/desktop/widgets/line_box.h"
#include "app/models/text.h"
#include "tests/support/desk.h"

using namespace gantry;
using namespace gantry::desktop;
using support::button;
using support::Desk;
using support::input;
using support::onDialog;
using support::shows;

namespace {

/// A desk at the Changes page with one plan selected.
struct Review : Desk {
  QWidget& page = window.page(Place::kChanges);
  TableView& queue = *page.findChild<TableView*>();
  PlanView& view = *page.findChild<PlanView*>();
  QLineEdit& comment = *input(page, "Comment");

  bool open(const std::string& plan = "production-7") {
    if (!waitLive()) return false;
    window.navigator().open(Place::kChanges, client::Kind::kPlan, {"gantry", plan});
    return QTest::qWaitFor([&] { return view.plan().name() == plan; });
  }
  std::string shown() const { return view.plan().name(); }

  GatedButton* find(const QString& text) { return button<GatedButton>(page, text); }

  /// All of them in one message, as a transaction of the controller.
  void put(const std::vector<api::Plan>& plans) {
    api::WatchResponse response;
    for (const api::Plan& plan : plans) *response.add_put()->mutable_plan() = plan;
    server.send(response);
  }
  bool waitState(const std::string& plan, api::PlanState state) {
    return QTest::qWaitFor([&] {
      const auto found = session.cache().find(client::Kind::kPlan, {"gantry", plan});
      return found != nullptr && found->plan().state() == state;
    });
  }
  api::Plan superseded() const {
    api::Plan old = cluster.productionPlan();
    old.set_state(api::SUPERSEDED);
    old.set_message("the live state has changed");
    return old;
  }
  api::Plan successor() const {
    api::Plan plan = cluster.productionPlan("another");
    plan.set_name("production-8");
    plan.set_replaces("production-7");
    plan.clear_changed_since();
    plan.add_changed_since("Deployment shop/checkout: spec.replicas is 2, it was 3");
    return plan;
  }
};

}  // namespace

class TstChanges : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { support::prepareDesktop("gantry-test-changes"); }
  void init() { QSettings().clear(); }

  void aPlanThatWasReplacedStaysOnScreenUntilTheNewOneIsLookedAt() {
    Review desk;
    QVERIFY(desk.open());
    auto* approve = desk.find("Approve 8f2c1a9");
    QTest::keyClicks(&desk.comment, "traffic is low");
    QTRY_VERIFY(approve->isEnabled());
    desk.put({desk.successor(), desk.superseded()});
    QTRY_COMPARE(approve->text(), QString("Changed – review again"));
    QVERIFY(!approve->isEnabled());
    QVERIFY(!desk.find("Reject")->isEnabled());
    QCOMPARE(desk.shown(), std::string("production-7"));
    QCOMPARE(desk.comment.text(), QString("traffic is low"));
    QVERIFY(shows(desk.page, "spec.replicas is 2, it was 3"));
    button<>(desk.page, "Review again")->click();
    QCOMPARE(desk.shown(), std::string("production-8"));
    QCOMPARE(desk.comment.text(), QString("traffic is low"));
    QTRY_VERIFY(approve->isEnabled());
    QVERIFY(approve->toolTip().endsWith("another"));
  }

  // Also where they are there before the window is.
  void risksTakeTheRoomOfTheirLines() {
    QWidget page;
    auto* layout = new QVBoxLayout(&page);
    auto* box = new LineBox;
    layout->addWidget(box);
    layout->addStretch();
    box->setLines(
        {"▲ shop-production/front containers[front].image: \"docker.io/gantry/shop-front:v1\" → "
         "\"docker.io/gantry/shop-front:v2\"",
         "▲ shop-production/front spec.replicas: 6 → 3"});
    page.resize(1300, 600);
    page.show();
    auto& area = *box->findChild<QScrollArea*>();
    for (const int width : {1300, 300, 900}) {
      page.resize(width, 600);
      QTest::qWait(0);
      QCOMPARE(area.height(), area.widget()->heightForWidth(area.viewport()->width()));
    }
  }

  void aPlanThatEndedStaysOnScreenWithWhatBecameOfIt_data() {
    QTest::addColumn<int>("state");
    QTest::addColumn<QString>("said");
    QTest::newRow("applied") << int(api::APPLIED) << "✔ Applied";
    QTest::newRow("rejected by somebody else")
        << int(api::REJECTED) << "✖ Rejected by eve: not on Friday";
  }
  void aPlanThatEndedStaysOnScreenWithWhatBecameOfIt() {
    QFETCH(int, state);
    QFETCH(QString, said);
    Review desk;
    QVERIFY(desk.open());
    desk.queue.setFocus();
    api::Plan plan = desk.cluster.productionPlan();
    plan.set_state(api::PlanState(state));
    plan.set_rejected_by("eve");
    plan.set_rejected_reason("not on Friday");
    desk.put({plan});
    QTRY_VERIFY(shows(desk.page, said));
    QCOMPARE(desk.shown(), std::string("production-7"));
    QCOMPARE(desk.queue.proxy().rowCount(), 1);
    QCOMPARE(desk.find("Approve 8f2c1a9")->toolTip(), QString("This plan has ended"));
    // The row that took its place in the queue is shown once somebody wants it.
    QTest::mouseClick(desk.queue.viewport(), Qt::LeftButton, {},
                      desk.queue.visualRect(desk.queue.proxy().index(0, 0)).center());
    QCOMPARE(desk.shown(), std::string("billing-2"));
  }

  void aPlanThatTheControllerForgotCannotBeDecidedAbout() {
    Review desk;
    QVERIFY(desk.open());
    auto* approve = desk.find("Approve 8f2c1a9");
    QTest::keyClicks(&desk.comment, "ok");
    QTRY_VERIFY(approve->isEnabled());
    desk.server.remove("plan/production-7", "Plan", "gantry", "production-7");
    QTRY_COMPARE(approve->text(), QString("Gone from the controller"));
    QVERIFY(!approve->isEnabled());
    QCOMPARE(desk.shown(), std::string("production-7"));
  }

  void aSecondSelectedRowDoesNotTakeItsPlace() {
    Review desk;
    QVERIFY(desk.open("billing-2"));
    desk.queue.selectAll();
    desk.queue.selectionModel()->setCurrentIndex(
        desk.queue.proxy().indexOf({"gantry", "production-7"}), QItemSelectionModel::Select);
    QCOMPARE(desk.shown(), std::string("production-7"));
    desk.put({desk.superseded()});
    QTRY_COMPARE(desk.queue.proxy().rowCount(), 1);
    QCOMPARE(desk.shown(), std::string("production-7"));
  }

  void theFilterDoesNotBringAPlanToTheScreen() {
    Review desk;
    QVERIFY(desk.open());
    desk.put({desk.superseded()});
    QTRY_COMPARE(desk.queue.proxy().rowCount(), 1);
    desk.queue.proxy().setFilterText("b");
    desk.queue.clearFocus();
    desk.queue.setFocus();
    QTest::qWait(200);
    QCOMPARE(desk.shown(), std::string("production-7"));
  }

  void whatMovedWhileSomebodyWasAskedIsNotSent_data() {
    QTest::addColumn<bool>("approving");
    QTest::newRow("an approval with deletions") << true;
    QTest::newRow("an override") << false;
  }
  void whatMovedWhileSomebodyWasAskedIsNotSent() {
    QFETCH(bool, approving);
    Review desk;
    std::atomic<int> calls = 0;
    desk.server.onApprove = [&](const api::ApprovePlanRequest&, api::Plan*) {
      ++calls;
      return grpc::Status::OK;
    };
    desk.server.onSync = [&](const api::SyncRequest&, api::SyncResponse*) {
      ++calls;
      return grpc::Status::OK;
    };
    QVERIFY(desk.open());
    QTest::keyClicks(&desk.comment, "ok");
    auto* start = desk.find(approving ? "Approve" : "Override");
    QTRY_VERIFY(start->isEnabled());
    onDialog(this, [&](QDialog& dialog) {
      desk.put({desk.cluster.productionPlan("another")});
      QTest::qWait(400);
      if (QLineEdit* reason = input(dialog, "Reason")) QTest::keyClicks(reason, "outage");
      QTest::keyClicks(input(dialog, "Name to confirm"), "production");
      button<GatedButton>(dialog, approving ? "Approve with" : "Override for")->click();
    });
    start->click();
    QVERIFY(shows(desk.page, "changed while you were asked; nothing was sent"));
    QTest::qWait(200);
    QCOMPARE(calls.load(), 0);
    QCOMPARE(desk.comment.text(), QString("ok"));
  }

  void anAnswerStaysWithItsPlan() {
    Review desk;
    std::promise<void> release;
    std::atomic<int> calls = 0;
    desk.server.onReject = [&, released = release.get_future().share()](
                               const api::RejectPlanRequest&, api::Plan*) {
      ++calls;
      released.wait();
      return grpc::Status::OK;
    };
    QVERIFY(desk.open());
    QTest::keyClicks(&desk.comment, "not on Friday");
    auto* reject = desk.find("Reject");
    QTRY_VERIFY(reject->isEnabled());
    reject->click();
    QCOMPARE(reject->toolTip(), QString("Sent, waiting for the answer"));
    reject->click();
    desk.queue.select({"gantry", "billing-2"});
    QCOMPARE(desk.shown(), std::string("billing-2"));
    QCOMPARE(desk.comment.text(), QString());
    QTest::keyClicks(&desk.comment, "mine");
    QVERIFY(reject->isEnabled());
    release.set_value();
    QTRY_VERIFY(desk.session.activity().index(0, 2).data().toString().startsWith("✔"));
    QCOMPARE(desk.comment.text(), QString("mine"));
    QVERIFY(!shows(desk.page, "✔ Rejected"));
    QCOMPARE(calls.load(), 1);
    // The comment has arrived with the rejection: it is no draft any more.
    desk.queue.select({"gantry", "production-7"});
    QCOMPARE(desk.comment.text(), QString());
  }

  void aDraftIsKept() {
    {
      Review desk;
      QVERIFY(desk.open());
      QTest::keyClicks(&desk.comment, "looks good");
      desk.queue.select({"gantry", "billing-2"});
      QCOMPARE(desk.comment.text(), QString());
      desk.queue.select({"gantry", "production-7"});
      QCOMPARE(desk.comment.text(), QString("looks good"));
    }
    Review again;
    QVERIFY(again.open());
    QCOMPARE(again.comment.text(), QString("looks good"));
  }

  void whatAlreadyHadItsApprovalsMayNeedThemAgain() {
    Review desk;
    QVERIFY(desk.open());
    QTest::keyClicks(&desk.comment, "once more");
    api::Plan plan = desk.cluster.productionPlan();
    plan.set_state(api::APPLYING);
    plan.mutable_approvals(0)->mutable_expires_at()->set_unix_ms(1);
    desk.put({plan});
    QVERIFY(desk.waitState("production-7", api::APPLYING));
    auto* approve = desk.find("Approve 8f2c1a9");
    QTRY_VERIFY(shows(desk.page, "Approvals: 0 of 2"));
    QVERIFY(approve->isEnabled());
    QCOMPARE(desk.find("Reject")->toolTip(),
             QString("The plan is being applied; roll back instead"));
    plan.set_state(api::APPROVED);
    desk.put({plan});
    QTRY_VERIFY(desk.find("Reject")->isEnabled());
    QVERIFY(approve->isEnabled());
  }

  void aSyncIsAskedForWhereItIsWaitedFor() {
    Review desk;
    std::string received;
    desk.server.onSync = [&](const api::SyncRequest& request, api::SyncResponse*) {
      received = request.application() + ": " + request.reason() + request.override_digest();
      return grpc::Status::OK;
    };
    QVERIFY(desk.open());
    auto* sync = desk.find("Sync…");
    QVERIFY(!sync->isVisible());
    api::Plan plan = desk.cluster.productionPlan();
    plan.clear_gates();
    plan.add_gates()->set_kind("sync");
    desk.put({plan});
    QTRY_VERIFY(sync->isVisible());
    onDialog(this, [](QDialog& dialog) {
      QVERIFY(shows(dialog, "Asks Git now"));
      QTest::keyClicks(input(dialog, "Reason"), "noon");
      button<GatedButton>(dialog, "Sync production")->click();
    });
    sync->click();
    QTRY_COMPARE(received, std::string("production: noon"));
  }

  void aFailedPlanStaysInTheQueueUntilThereIsANewerOne() {
    Review desk;
    QVERIFY(desk.open());
    api::Plan plan = desk.cluster.productionPlan();
    plan.set_state(api::FAILED);
    plan.set_message("wave 1 failed");
    plan.set_attempt(1);
    plan.mutable_retry_at()->set_unix_ms(models::nowMs() + 20'500);
    desk.put({plan});
    QTRY_VERIFY(shows(desk.page, "wave 1 failed, tried again in 20s (attempt 3)"));
    QCOMPARE(desk.queue.proxy().rowCount(), 2);
    QVERIFY(desk.find("Sync…")->isVisible());
    api::Plan newer = desk.successor();
    newer.set_state(api::APPLIED);
    desk.put({newer});
    QTRY_COMPARE(desk.queue.proxy().indexOf({"gantry", "production-7"}), QModelIndex());
    QCOMPARE(desk.queue.proxy().rowCount(), 1);
    QCOMPARE(desk.shown(), std::string("production-7"));
    QTRY_VERIFY(!desk.find("Sync…")->isVisible());
  }

  void podsOrderAndWhatIsLoosenedAreSaidBefore() {
    Review desk;
    QVERIFY(desk.open());
    api::Plan plan = desk.cluster.productionPlan("with hooks");
    plan.set_name("production-9");
    api::PlannedPod& homeless = *plan.mutable_effect()->add_placements();
    homeless.set_owner("Deployment/shop/checkout");
    homeless.set_explanation("no node has 256Mi left");
    api::PlannedChange& hook = *plan.add_changes();
    hook.set_action(api::CREATE);
    hook.set_kind("Job");
    hook.set_namespace_("shop");
    hook.set_name("migrate");
    hook.set_hook("PreSync");
    api::LoosenedPolicy& loosened = *plan.add_loosens();
    loosened.add_applications("gantry/shop");
    loosened.add_fields("spec.syncPolicy.approval.required");
    loosened.set_project("shop");
    loosened.mutable_policy()->set_required(2);
    plan.add_gates()->set_kind("approval");
    desk.put({plan});
    QTRY_VERIFY(desk.session.cache().find(client::Kind::kPlan, {"gantry", "production-9"}));
    QVERIFY(desk.open("production-9"));
    for (const char* text :
         {"Order", "· PreSync 0", "Job shop/migrate", "Pods", "2 on eu-a-01, 1 on eu-a-02",
          "▲ 1 without a place (no node has 256Mi left)",
          "▲ PodDisruptionBudget shop/checkout keeps 4 of 6 pods; at the lowest 3 are Ready",
          "Loosens", "▲ spec.syncPolicy.approval.required", "the Project shop asks for 2 approvals",
          "▲ missing: approvals of shop", "1 hook run"}) {
      QVERIFY2(shows(desk.page, QString::fromUtf8(text)), text);
    }
    QCOMPARE(desk.view.objects().item(3)->text(), QString("☐ ▷ PreSync Job migrate"));
  }

  void driftIsToldFromACommit() {
    Review desk;
    QVERIFY(desk.open());
    api::Plan plan = desk.cluster.productionPlan("drift");
    plan.set_name("production-9");
    plan.set_repair(true);
    plan.mutable_changes()->DeleteSubrange(1, 2);
    desk.put({plan});
    QTRY_VERIFY(desk.session.cache().find(client::Kind::kPlan, {"gantry", "production-9"}));
    QVERIFY(desk.open("production-9"));
    QVERIFY(shows(desk.page, "Drift: 1 object differs from Git at 8f2c1a9"));
    QVERIFY(desk.view.diff().textOf(DiffView::Part::kPatch).startsWith("--- Live (drifted)\n"));
  }

  void fortyDeletionsLeaveRoomForTheButtons() {
    Review desk;
    QVERIFY(desk.open());
    const int before = desk.window.minimumSizeHint().height();
    api::Plan plan = desk.cluster.productionPlan("many");
    plan.set_name("production-9");
    plan.clear_changed_since();
    for (int i = 0; i < 40; ++i) {
      api::PlannedChange& change = *plan.add_changes();
      change.set_action(api::DELETE);
      change.set_kind("ConfigMap");
      change.set_name("flags-" + std::to_string(i));
    }
    for (int i = 0; i < 30; ++i) plan.add_changed_since("object " + std::to_string(i));
    desk.put({plan});
    QTRY_VERIFY(desk.session.cache().find(client::Kind::kPlan, {"gantry", "production-9"}));
    QVERIFY(desk.open("production-9"));
    QVERIFY(shows(desk.page, "and 37 more"));
    QTest::qWait(50);
    QVERIFY(desk.window.minimumSizeHint().height() < before + 200);
    QCOMPARE(desk.window.height(), 800);
  }

  void keysOfTheDiffWorkFromTheQueue() {
    Review desk;
    QVERIFY(desk.open());
    desk.window.activateWindow();
    desk.queue.setFocus();
    const bool sideBySide = desk.view.diff().isSideBySide();
    QTest::keyClick(&desk.queue, Qt::Key_D);
    QCOMPARE(desk.view.diff().isSideBySide(), !sideBySide);
    QTest::keyClick(&desk.queue, Qt::Key_BracketRight);
    QCOMPARE(desk.view.objects().currentRow(), 1);
    QTest::keyClick(&desk.queue, Qt::Key_Return);
    QVERIFY(desk.view.diff().hasFocus());
    QTest::keyClick(&desk.view.diff(), Qt::Key_BracketLeft);
    QTest::keyClick(&desk.view.diff(), Qt::Key_C, Qt::ControlModifier);
    const QString copied = QGuiApplication::clipboard()->text();
    QVERIFY(copied.startsWith("--- Live now\n+++ After approval\n@@ "));
    QVERIFY(copied.contains("\n-  replicas: 6\n+  replicas: 3\n"));
    QAccessibleInterface* accessible = QAccessible::queryAccessibleInterface(&desk.view.diff());
    QVERIFY(accessible->text(QAccessible::Value).contains("+   replicas: 3"));
    QCOMPARE(accessible->text(QAccessible::Name),
             QString("Differences of Deployment shop/checkout"));
  }

  void aStepComesToEveryChangeAndBringsItIntoSight() {
    DiffView view;
    view.resize(400, 200);
    view.show();
    QString before, after;
    for (int i = 0; i < 60; ++i) {
      const QString line = QString("key%1: %2 ").arg(i).arg(QString(200, 'x'));
      before += line + "old\n";
      after += line + (i % 10 == 5 ? "new\n" : "old\n");
    }
    view.setTexts(before, after);
    QCOMPARE(view.changeCount(), 6);
    QCOMPARE(view.currentChange(), 0);
    for (int change = 1; change < 6; ++change) {
      QVERIFY(view.nextChange());
      QCOMPARE(view.currentChange(), change);
      QVERIFY(view.horizontalScrollBar()->value() > 0);
    }
    QVERIFY(!view.nextChange());
    // Who has scrolled away goes on from there.
    view.verticalScrollBar()->setValue(0);
    QVERIFY(view.nextChange());
    QVERIFY(view.currentChange() < 2);
    QVERIFY(!view.previousChange() || view.currentChange() == 0);
  }

  void oneFoldedPartIsUnfoldedAlone() {
    DiffView view;
    view.resize(400, 400);
    view.show();
    QString before, after;
    for (int i = 0; i < 60; ++i) {
      before += QString("key%1: old\n").arg(i);
      after += QString("key%1: %2\n").arg(i).arg(i % 30 == 15 ? "new" : "old");
    }
    view.setTexts(before, after);
    QCOMPARE(view.visibleText().count("⋯"), 3);
    QVERIFY(!view.visibleText().contains("key0:"));
    // The first line below the header.
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {},
                      {50, view.fontMetrics().height() * 3 / 2 + 3});
    QCOMPARE(view.visibleText().count("⋯"), 2);
    QVERIFY(view.visibleText().contains("  key0: old"));
    QVERIFY(view.nextChange());
    QCOMPARE(view.currentChange(), 1);
  }

  void ticksOfObjectsThatAreAsTheyWereAreKept() {
    Review desk;
    QVERIFY(desk.open());
    desk.view.diff().setFocus();
    desk.window.activateWindow();
    desk.view.objects().setCurrentRow(0);
    QTest::keyClick(&desk.view.diff(), Qt::Key_V);
    QTest::keyClick(&desk.view.diff(), Qt::Key_V);
    api::Plan plan = desk.successor();
    plan.mutable_changes(0)->set_after_yaml("kind: Deployment\n");
    desk.put({plan, desk.superseded()});
    QTRY_VERIFY(button<>(desk.page, "Review again")->isVisible());
    button<>(desk.page, "Review again")->click();
    QVERIFY(desk.view.objects().item(0)->text().startsWith("☐"));
    QVERIFY(desk.view.objects().item(1)->text().startsWith("☑"));
    QVERIFY(shows(desk.page, "viewed 1 of 3"));
  }

  void theOrderThatSomebodyChoseIsKept() {
    {
      Review desk;
      QVERIFY(desk.open());
      desk.queue.sortByColumn(0, Qt::DescendingOrder);
    }
    Review again;
    QVERIFY(again.open());
    QCOMPARE(again.queue.header()->sortIndicatorSection(), 0);
    QCOMPARE(again.queue.header()->sortIndicatorOrder(), Qt::DescendingOrder);
  }

  void theNamespaceIsShownWhereThereAreSeveral() {
    Review desk;
    QVERIFY(desk.open());
    const int ns = desk.queue.proxy().columnCount() - 1;
    QVERIFY(desk.queue.isColumnHidden(ns));
    api::Plan plan = desk.cluster.productionPlan();
    plan.set_namespace_("another");
    desk.put({plan});
    QTRY_VERIFY(!desk.queue.isColumnHidden(ns));
  }
};

QTEST_MAIN(TstChanges)
#include "tst_changes.moc"
