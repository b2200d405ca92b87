// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/main_window.h"

#include <QAction>
#include <QPaintEvent>
#include <QPainter>
#include <QSettings>
#include <QSplitter>
#include <QStatusBar>
#include <QTime>
#include <QVBoxLayout>
#include <utility>

#include "app/desktop/command_palette.h"
#include "app/desktop/dock.h"
#include "app/desktop/inspector.h"
#include "app/desktop/link.h"
#include "app/desktop/notifier.h"
#include "app/desktop/pages/changes_page.h"
#include "app/desktop/pages/history_page.h"
#include "app/desktop/pages/nodes_page.h"
#include "app/desktop/pages/overview_page.h"
#include "app/desktop/pages/rollouts_page.h"
#include "app/desktop/pages/workloads_page.h"
#include "app/desktop/shortcuts.h"
#include "app/desktop/theme.h"
#include "app/desktop/widgets/header_bar.h"
#include "app/desktop/widgets/labels.h"
#include "app/desktop/widgets/side_bar.h"
#include "app/desktop/widgets/stale_frame.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

constexpr int kFrame = 3;

/// The cluster's colour around what is in it. Painted: a colour of the palette would be that of all
/// inside, and stay when the scheme is changed.
class ClusterFrame final : public QWidget {
 public:
  explicit ClusterFrame(const QColor& color) : color_(color) {}

 protected:
  void paintEvent(QPaintEvent* event) override { QPainter(this).fillRect(event->rect(), color_); }

 private:
  const QColor color_;
};

Page* makePage(Place place, Session& session, Navigator& navigator) {
  switch (place) {
    case Place::kOverview:
      return new OverviewPage(session, navigator);
    case Place::kChanges:
      return new ChangesPage(session, navigator);
    case Place::kRollouts:
      return new RolloutsPage(session, navigator);
    case Place::kHistory:
      return new HistoryPage(session, navigator);
    case Place::kWorkloads:
      return new WorkloadsPage(session, navigator);
    case Place::kNodes:
      return new NodesPage(session, navigator);
  }
  return nullptr;
}

}  // namespace

MainWindow::MainWindow(Session& session) : session_(session) {
  setWindowTitle(QStringLiteral("%1 – Gantry").arg(models::qs(session.context().name)));
  setWindowIcon(theme::icon(QStringLiteral("gantry"), QColor(0x2563c9)));
  resize(1360, 860);
  setCentralWidget(makeBody());
  makeStatusBar();
  makeActions();
  notifier_ = new Notifier(session, navigator_, *this);
  connect(notifier_, &Notifier::logWanted, this, &MainWindow::showNotices);
  restore();
  connect(&navigator_, &Navigator::opened, this, &MainWindow::showPlace);
  connect(&navigator_, &Navigator::inspected, inspector_, &Inspector::inspect);
  connect(&navigator_, &Navigator::logsWanted, this,
          [this](const QString& ns, const QStringList& pods, bool previous) {
            dock_->setVisible(true);
            dock_->showLogs(ns, pods, previous);
          });
  statusTimer_.setSingleShot(true);
  statusTimer_.setInterval(300);
  connect(&statusTimer_, &QTimer::timeout, this, &MainWindow::refreshStatus);
  connect(&session, &Session::updated, this, [this] {
    if (!statusTimer_.isActive()) statusTimer_.start();
    openWantedLink();
  });
  connect(&session, &Session::serverInfoChanged, this, &MainWindow::refreshStatus);
  refreshStatus();
  sideBar_->setCurrent(Place::kOverview);
  // The first frame does not wait for the first page.
  connect(
      this, &MainWindow::firstFrame, this,
      [this] {
        if (stack_->count() == 0) showPlace(current_, {}, {});
      },
      Qt::QueuedConnection);
}

bool MainWindow::event(QEvent* event) {
  const bool handled = QMainWindow::event(event);
  if (event->type() == QEvent::Paint && !std::exchange(painted_, true)) emit firstFrame();
  return handled;
}

MainWindow::~MainWindow() {
  QSettings settings;
  settings.setValue("window/geometry", saveGeometry());
  settings.setValue("window/columns", columns_->saveState());
  settings.setValue("window/rows", rows_->saveState());
  settings.setValue("window/inspector", wantsInspector_);
  settings.setValue("window/dock", dock_->isVisibleTo(this));
}

QWidget* MainWindow::makeBody() {
  const client::Context& context = session_.context();
  auto* frame = new ClusterFrame(theme::contextColor(context.color, context.name));
  auto* around = new QVBoxLayout(frame);
  around->setContentsMargins(kFrame, kFrame, kFrame, 0);
  auto* body = new QWidget;
  body->setAutoFillBackground(true);
  around->addWidget(body);

  auto* layout = new QVBoxLayout(body);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  header_ = new HeaderBar(session_);
  connect(header_, &HeaderBar::paletteWanted, this, &MainWindow::openPalette);
  connect(header_, &HeaderBar::noticesWanted, this, &MainWindow::showNotices);
  connect(&session_.notices(), &NoticeLog::unreadChanged, header_, &HeaderBar::setUnread);
  layout->addWidget(header_);
  auto* middle = new QHBoxLayout;
  middle->setSpacing(0);
  layout->addLayout(middle, 1);

  sideBar_ = new SideBar(session_);
  connect(sideBar_, &SideBar::chosen, this, [this](Place place) { showPlace(place, {}, {}); });
  stack_ = new QStackedWidget;
  stack_->setMinimumWidth(480);
  new StaleFrame(session_, stack_);
  inspector_ = new Inspector(session_, navigator_);
  dock_ = new BottomDock(session_, navigator_);
  rows_ = new QSplitter(Qt::Vertical);
  rows_->addWidget(stack_);
  rows_->addWidget(dock_);
  rows_->setStretchFactor(0, 1);
  rows_->setSizes({620, 220});
  rows_->setCollapsible(0, false);
  columns_ = new QSplitter(Qt::Horizontal);
  columns_->addWidget(rows_);
  columns_->addWidget(inspector_);
  columns_->setStretchFactor(0, 1);
  columns_->setSizes({900, 320});
  columns_->setCollapsible(0, false);
  middle->addWidget(sideBar_);
  middle->addWidget(columns_, 1);
  return frame;
}

void MainWindow::makeStatusBar() {
  auto* cluster = plainLabel(models::qs(session_.context().name));
  revision_ = mutedLabel({});
  counts_ = mutedLabel({});
  identity_ = mutedLabel({});
  statusBar()->addWidget(cluster);
  statusBar()->addWidget(revision_, 1);
  statusBar()->addWidget(counts_);
  statusBar()->addPermanentWidget(identity_);
  statusBar()->setSizeGripEnabled(false);
  statusBar()->setContentsMargins(8, 0, 8, 0);
}

void MainWindow::makeActions() {
  const auto add = [this](const QKeySequence& key, auto&& slot) {
    auto* action = new QAction(this);
    action->setShortcut(key);
    connect(action, &QAction::triggered, this, std::forward<decltype(slot)>(slot));
    addAction(action);
  };
  for (int i = 0; i < 6; ++i) {
    add(QKeySequence(Qt::CTRL | Qt::Key(Qt::Key_1 + i)),
        [this, i] { showPlace(Place(i), {}, {}); });
  }
  add(Qt::CTRL | Qt::Key_K, [this] { openPalette(); });
  add(Qt::CTRL | Qt::Key_J, [this] { dock_->setVisible(!dock_->isVisible()); });
  add(Qt::CTRL | Qt::Key_I, [this] { toggleInspector(); });
  add(Qt::Key_F5, [this] { session_.resync(); });
  add(Qt::CTRL | Qt::SHIFT | Qt::Key_R, [this] { session_.setReadOnly(!session_.isReadOnly()); });
  add(Qt::CTRL | Qt::Key_Q, [this] { close(); });
  // Single characters are safe: editors take them for themselves before they become shortcuts.
  add(Qt::Key_Slash, [this] { page(current_).focusFilter(); });
  add(Qt::Key_Question, [this] { showShortcuts(); });
  add(Qt::Key_I, [this] { toggleInspector(); });
}

void MainWindow::showInspector() {
  // The other places show the details of what is selected themselves.
  const bool hasUse = current_ != Place::kOverview && current_ != Place::kChanges;
  inspector_->setVisible(wantsInspector_ && hasUse);
}

void MainWindow::toggleInspector() {
  wantsInspector_ = !wantsInspector_;
  showInspector();
}

Page& MainWindow::page(Place place) {
  Page*& page = pages_[std::size_t(place)];
  if (page == nullptr) {
    page = makePage(place, session_, navigator_);
    stack_->addWidget(page);
  }
  return *page;
}

void MainWindow::showPlace(Place place, client::Kind kind, const client::Key& key) {
  current_ = place;
  sideBar_->setCurrent(place);
  stack_->setCurrentWidget(&page(place));
  page(place).setFocus();
  inspector_->inspect({}, {});
  page(place).activate();
  showInspector();
  if (kind != client::Kind::OBJECT_NOT_SET) page(place).reveal(kind, key);
}

void MainWindow::openPalette() {
  CommandPalette palette(session_, navigator_, this);
  palette.addCommand(QStringLiteral("Resync with the controller"), QStringLiteral("F5"),
                     [this] { session_.resync(); });
  palette.addCommand(QStringLiteral("Show or hide the dock"), QStringLiteral("Ctrl+J"),
                     [this] { dock_->setVisible(!dock_->isVisible()); });
  palette.addCommand(QStringLiteral("Show or hide the inspector"), QStringLiteral("I"),
                     [this] { toggleInspector(); });
  palette.addCommand(QStringLiteral("Lock or unlock changes"), QStringLiteral("Ctrl+Shift+R"),
                     [this] { session_.setReadOnly(!session_.isReadOnly()); });
  palette.addCommand(QStringLiteral("Keyboard shortcuts"), QStringLiteral("?"),
                     [this] { showShortcuts(); });
  palette.addCommand(notifier_->isOn() ? QStringLiteral("Switch notifications off")
                                       : QStringLiteral("Switch notifications on"),
                     {}, [this] { notifier_->setOn(!notifier_->isOn()); });
  for (const auto& [name, scheme] :
       {std::pair("Follow the system's colours", theme::Scheme::kSystem),
        std::pair("Light colours", theme::Scheme::kLight),
        std::pair("Dark colours", theme::Scheme::kDark)}) {
    palette.addCommand(QString::fromLatin1(name), {}, [scheme] {
      QSettings().setValue("theme", int(scheme));
      theme::apply(scheme);
    });
  }
  palette.run();
}

void MainWindow::showShortcuts() {
  ShortcutsDialog(this).exec();
}

void MainWindow::showNotices() {
  dock_->setVisible(true);
  dock_->showNotices();
}

void MainWindow::openLink(const Link& link) {
  wantedLink_ = link;
  show();
  raise();
  activateWindow();
  openWantedLink();
}

void MainWindow::openWantedLink() {
  if (!wantedLink_ || !session_.cache().hasSnapshot()) return;
  const Link link = *std::exchange(wantedLink_, std::nullopt);
  if (const auto place = whereToOpen(session_.cache(), link)) {
    return navigator_.openObject(place->kind, place->key);
  }
  const QString what =
      link.kind == client::Kind::kPlan ? QStringLiteral("plan") : QStringLiteral("Application");
  notifier_->add(
      {.title = QStringLiteral("There is no %1 %2/%3")
                    .arg(what, models::qs(link.key.ns), models::qs(link.key.name)),
       .text = QStringLiteral("Not in %1, or no longer kept there").arg(session_.clusterName()),
       .tone = models::Tone::kWarning,
       .key = {}});
}

void MainWindow::refreshStatus() {
  const client::LiveCache& cache = session_.cache();
  revision_->setText(cache.hasSnapshot()
                         ? QStringLiteral("revision %1, synced %2")
                               .arg(cache.revision())
                               .arg(QTime::currentTime()
                                        .addMSecs(-int(session_.freshness().age.count()))
                                        .toString(QStringLiteral("HH:mm:ss")))
                         : QStringLiteral("nothing received yet"));
  counts_->setText(
      models::counted(qint64(cache.table(client::Kind::kNode).size()), QStringLiteral("node")) +
      QStringLiteral(" · ") +
      models::counted(qint64(cache.table(client::Kind::kPod).size()), QStringLiteral("pod")));
  identity_->setText(session_.identityText());
}

void MainWindow::restore() {
  const QSettings settings;
  restoreGeometry(settings.value("window/geometry").toByteArray());
  columns_->restoreState(settings.value("window/columns").toByteArray());
  rows_->restoreState(settings.value("window/rows").toByteArray());
  wantsInspector_ = settings.value("window/inspector", true).toBool();
  showInspector();
  dock_->setVisible(settings.value("window/dock", false).toBool());
}

}  // namespace gantry::desktop
