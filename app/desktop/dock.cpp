// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/dock.h"

#include <QHeaderView>
#include <QTreeView>
#include <QVBoxLayout>

#include "app/desktop/logs/log_panel.h"
#include "app/desktop/widgets/cell_delegate.h"
#include "app/desktop/widgets/filter_bar.h"
#include "app/desktop/widgets/table_view.h"

namespace gantry::desktop {

BottomDock::BottomDock(Session& session, Navigator& navigator)
    : session_(session), navigator_(navigator), logs_(new LogPanel(session)) {
  setDocumentMode(true);
  addTab(logs_, QStringLiteral("Logs"));
  addTab(new QWidget, QStringLiteral("Events"));
  addTab(makeActivity(), QStringLiteral("Activity"));
  noticesTab_ = makeNotices();
  addTab(noticesTab_, QStringLiteral("Notices"));
  // The table of events is made when it is first looked at: there can be many.
  connect(this, &QTabWidget::currentChanged, this, [this](int index) {
    markNoticesRead();
    if (index != 1 || widget(1)->layout() != nullptr) return;
    auto* layout = new QVBoxLayout(widget(1));
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(makeEvents());
  });
}

void BottomDock::showLogs(const QString& ns, const QStringList& pods, bool previous) {
  setCurrentWidget(logs_);
  logs_->showPods(ns, pods, previous);
}

void BottomDock::showNotices() {
  setCurrentWidget(noticesTab_);
  markNoticesRead();
}

void BottomDock::markNoticesRead() {
  if (isVisible() && currentWidget() == noticesTab_) session_.notices().markRead();
}

QWidget* BottomDock::makeEvents() {
  auto* panel = new QWidget;
  auto* layout = new QVBoxLayout(panel);
  layout->setContentsMargins(8, 4, 0, 0);
  auto* filter = new FilterBar;
  auto* table = new TableView(QStringLiteral("Events"), session_.table(client::Kind::kEvent));
  table->setFilterExample(QStringLiteral("type=Warning  reason:Unhealthy"));
  filter->setTable(table);
  layout->addWidget(filter);
  layout->addWidget(table, 1);
  connect(table, &TableView::opened, this, [this, table] {
    const client::ObjectPtr event = table->currentObject();
    if (event == nullptr) return;
    navigator_.openObject(client::kindOf(event->event().object_kind()),
                          {event->event().object_namespace(), event->event().object_name()});
  });
  return panel;
}

QWidget* BottomDock::makeActivity() {
  auto* view = new QTreeView;
  view->setModel(&session_.activity());
  view->setItemDelegate(new CellDelegate(view));
  view->setRootIsDecorated(false);
  view->setUniformRowHeights(true);
  view->setFrameShape(QFrame::NoFrame);
  view->setAccessibleName(QStringLiteral("Activity"));
  view->header()->resizeSection(0, 80);
  view->header()->resizeSection(1, 420);
  return view;
}

QWidget* BottomDock::makeNotices() {
  auto* view = new QTreeView;
  view->setModel(&session_.notices());
  view->setItemDelegate(new CellDelegate(view));
  view->setRootIsDecorated(false);
  view->setUniformRowHeights(true);
  view->setFrameShape(QFrame::NoFrame);
  view->setAccessibleName(QStringLiteral("Notices"));
  view->header()->resizeSection(0, 80);
  view->header()->resizeSection(1, 420);
  connect(view, &QTreeView::activated, this, [this](const QModelIndex& index) {
    const models::Notice notice = session_.notices().at(index.row());
    if (notice.kind != client::Kind::OBJECT_NOT_SET) {
      navigator_.openObject(notice.kind, notice.key);
    }
  });
  connect(&session_.notices(), &NoticeLog::unreadChanged, this, &BottomDock::markNoticesRead,
          Qt::QueuedConnection);
  return view;
}

}  // namespace gantry::desktop
