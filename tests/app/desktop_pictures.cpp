// SPDX-License-Identifier: Apache-2.0
// Draws every page of gantry-desktop over the demo cluster into PNG files, to be looked at:
//   desktop_pictures FOLDER light|dark [WIDTHxHEIGHT]
#include <QApplication>
#include <QDateTime>
#include <QDir>
#include <QElapsedTimer>
#include <QQuickWindow>
#include <QSettings>
#include <QStandardPaths>
#include <QTest>

#include "app/desktop/command_palette.h"
#include "app/desktop/dock.h"
#include "app/desktop/main_window.h"
#include "app/desktop/notifier.h"
#include "app/desktop/pages/compare_dialog.h"
#include "app/desktop/pages/compare_with_dialog.h"
#include "app/desktop/pages/page.h"
#include "app/desktop/pages/rollback_dialog.h"
#include "app/desktop/shortcuts.h"
#include "app/desktop/theme.h"
#include "tests/support/demo_cluster.h"

using namespace gantry;

namespace {

void save(QWidget& widget, const QString& name) {
  QTest::qWait(400);
  widget.grab().save(name + QStringLiteral(".png"));
}

void drawPages(desktop::MainWindow& window, const QString& prefix) {
  using desktop::Place;
  const char* const names[] = {"overview", "changes", "rollouts", "history", "workloads", "nodes"};
  window.dock().hide();
  for (int i = 0; i < 6; ++i) {
    window.navigator().open(Place(i));
    if (Place(i) == Place::kNodes) {
      window.navigator().open(Place::kNodes, client::Kind::kNode, {"", "eu-b-17"});
    }
    if (Place(i) == Place::kWorkloads) {
      window.navigator().open(Place::kWorkloads, client::Kind::kPod,
                              {"shop", "checkout-9ab-t6r2f"});
    }
    if (Place(i) == Place::kHistory) {
      window.navigator().open(Place::kHistory, client::Kind::kHistoryEntry,
                              {"gantry", "production-3"});
      save(window, prefix + "timeline");
      window.navigator().open(Place::kHistory, client::Kind::kAuditRecord,
                              {"gantry", "production-2"});
      save(window, prefix + "audit");
      window.navigator().open(Place::kHistory, client::Kind::kApplication,
                              {"gantry", "production"});
    }
    save(window, prefix + QString::fromLatin1(names[i]));
  }
  window.navigator().open(Place::kWorkloads);
  window.navigator().showLogs("shop", {"front-7c9-x2klp", "front-7c9-m4pqv", "front-7c9-b5n9d"});
  save(window, prefix + "logs");
  window.dock().setCurrentIndex(1);
  save(window, prefix + "events");
  window.notifier().add({QStringLiteral("production is degraded"),
                         QStringLiteral("checkout: 4 of 6 available"),
                         models::Tone::kBad,
                         client::Kind::kApplication,
                         {"gantry", "production"}});
  save(window, prefix + "toast");
  window.dock().setCurrentIndex(3);
  save(window, prefix + "notices");
  window.dock().hide();
}

void drawDialogs(desktop::Session& session, desktop::MainWindow& window,
                 support::DemoCluster& cluster, const QString& prefix) {
  desktop::ShortcutsDialog shortcuts(&window);
  shortcuts.show();
  save(shortcuts, prefix + "shortcuts");
  shortcuts.hide();
  api::RollbackRequest request;
  request.set_application("production");
  api::RollbackPreview preview;
  *preview.mutable_plan() = cluster.productionPlan();
  *preview.mutable_to()->mutable_revision() = preview.plan().base();
  for (int i = 0; i < 9; ++i) *preview.add_reverted() = preview.plan().revision();
  preview.mutable_to()->mutable_revision()->set_subject(
      "Front 2.1.0, with the new basket, the new search and what was left over of the autumn sale");
  desktop::RollbackDialog rollback(session, request, preview, &window);
  rollback.show();
  save(rollback, prefix + "rollback");
  rollback.hide();
  desktop::CompareWithDialog compareWith(session, {"gantry", "production"}, "production-4",
                                         &window);
  compareWith.show();
  save(compareWith, prefix + "compare-with");
  compareWith.hide();
  desktop::CompareDialog compare(session,
                                 {QStringLiteral("production"), QStringLiteral("applied"),
                                  QStringLiteral("after merging feature/pool"),
                                  QStringLiteral("feature/pool merged into main (8f2c1a9)")},
                                 cluster.productionPlan(), &window);
  compare.show();
  save(compare, prefix + "compare");
  compare.hide();
  desktop::CommandPalette palette(session, window.navigator(), &window);
  palette.show();
  QTest::keyClicks(palette.findChild<QLineEdit*>(), "front");
  save(palette, prefix + "palette");
  palette.hide();
}

/// What the queue shows beside a plan that waits: one that was replaced, one that failed.
void drawPlans(desktop::MainWindow& window, support::FakeControlServer& server,
               support::DemoCluster& cluster, const QString& prefix) {
  window.navigator().open(desktop::Place::kChanges);
  api::WatchResponse replaced;
  api::Plan& after = *replaced.add_put()->mutable_plan();
  after = cluster.productionPlan("another-digest");
  after.set_name("production-8");
  after.mutable_changes()->DeleteSubrange(1, 1);
  api::Plan& before = *replaced.add_put()->mutable_plan();
  before = cluster.productionPlan();
  before.set_state(api::SUPERSEDED);
  before.set_message("the live state has changed");
  server.send(replaced);
  save(window, prefix + "changed-plan");

  api::WatchResponse failed;
  api::Plan& plan = *failed.add_put()->mutable_plan();
  plan = cluster.productionPlan("failed");
  plan.set_name("production-9");
  plan.set_state(api::FAILED);
  plan.set_message("wave 1 failed: Deployment/shop/front: its deadline of 600 s is over");
  plan.set_attempt(1);
  plan.mutable_retry_at()->set_unix_ms(QDateTime::currentMSecsSinceEpoch() + 20'000);
  *plan.mutable_finished_at() = plan.created_at();
  for (int i = 0; i < 12; ++i) {
    api::PlannedChange& change = *plan.add_changes();
    change.set_action(api::DELETE);
    change.set_kind("ConfigMap");
    change.set_namespace_(i % 2 == 0 ? "shop" : "billing");
    change.set_name("flags-" + std::to_string(i));
    change.set_wave(i % 3);
  }
  api::PlannedChange& hook = *plan.add_changes();
  hook.set_kind("Job");
  hook.set_namespace_("shop");
  hook.set_name("migrate");
  hook.set_hook("PreSync");
  api::LoosenedPolicy& loosened = *plan.add_loosens();
  loosened.add_applications("gantry/shop-production");
  loosened.add_fields("spec.syncPolicy.approval.required");
  loosened.set_project("shop");
  server.send(failed);
  QTest::qWait(300);
  window.navigator().open(desktop::Place::kChanges, client::Kind::kPlan,
                          {"gantry", "production-9"});
  save(window, prefix + "failed-plan");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const QStringList size = QString::fromLatin1(argc > 3 ? argv[3] : "1360x860").split('x');
  QStandardPaths::setTestModeEnabled(true);
  QCoreApplication::setOrganizationName("gantry-pictures");
  QQuickWindow::setGraphicsApi(QSGRendererInterface::Software);
  QApplication application(argc, argv);
  QSettings().clear();
  const bool dark = QString::fromLatin1(argv[2]) == "dark";
  desktop::theme::apply(dark ? desktop::theme::Scheme::kDark : desktop::theme::Scheme::kLight);
  const QString prefix = QDir(argv[1]).filePath(
      QString(dark ? "dark-" : "light-") + (argc == 4 ? QString::fromLatin1(argv[3]) + '-' : ""));

  support::FakeControlServer server;
  support::DemoCluster cluster(server);
  client::Context context;
  context.name = "prod-eu";
  context.production = true;
  context.color = "#b3261e";
  desktop::Session session(context, client::connectOver(server.channel()));
  desktop::MainWindow window(session);
  window.resize(size.value(0).toInt(), size.value(1).toInt());
  window.show();
  session.start();
  session.setReadOnly(false);
  api::Plan rejected = cluster.billingPlan();
  rejected.set_name("staging-5");
  rejected.set_application("staging");
  rejected.mutable_revision()->set_commit("3e4f5a6b7c");
  rejected.set_state(api::REJECTED);
  rejected.set_rejected_by("bo");
  cluster.putPlan(rejected);
  QTest::qWait(1500);
  drawPages(window, prefix);
  drawDialogs(session, window, cluster, prefix);
  drawPlans(window, server, cluster, prefix);
  return 0;
}
