// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/table_view.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QSettings>
#include <algorithm>

#include "app/desktop/theme.h"
#include "app/desktop/widgets/cell_delegate.h"

namespace gantry::desktop {

TableView::TableView(const QString& name, models::ObjectTable& table, QWidget* parent)
    : QTreeView(parent), name_(name), proxy_(table), emptyText_(QStringLiteral("Nothing here")) {
  setItemDelegate(new CellDelegate(this));
  // Connected before the selection gets to know of it, which moves on to a neighbour.
  connect(&proxy_, &QAbstractItemModel::rowsAboutToBeRemoved, this, [this] { removing_ = true; });
  setModel(&proxy_);
  connect(&proxy_, &QAbstractItemModel::rowsRemoved, this, [this] { removing_ = false; });
  setRootIsDecorated(false);
  setUniformRowHeights(true);
  setAllColumnsShowFocus(true);
  setSortingEnabled(true);
  setSelectionMode(ExtendedSelection);
  setMouseTracking(true);
  setFrameShape(QFrame::NoFrame);
  setTextElideMode(Qt::ElideRight);
  setAccessibleName(name);
  header()->setStretchLastSection(true);
  header()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  header()->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(header(), &QWidget::customContextMenuRequested, this, &TableView::showColumnMenu);
  for (int i = 0; i < int(table.columns().size()); ++i) {
    header()->resizeSection(i, table.columns()[std::size_t(i)].width);
  }
  sortByColumn(0, Qt::AscendingOrder);
  const QByteArray state = QSettings().value("tables/" + name_).toByteArray();
  isAsLeft_ = !state.isEmpty() && header()->restoreState(state);

  connect(&proxy_, &QAbstractItemModel::modelReset, this, &TableView::restoreSelection);
  connect(&proxy_, &QAbstractItemModel::rowsInserted, this, [this] {
    if (hasWanted_ && !currentIndex().isValid()) restoreSelection();
  });
  connect(this, &QTreeView::activated, this,
          [this](const QModelIndex& index) { emit opened(proxy_.keyAt(index)); });
  // Ages move though no object changes.
  connect(&ageTimer_, &QTimer::timeout, viewport(), qOverload<>(&QWidget::update));
  ageTimer_.start(5000);
}

TableView::~TableView() {
  QSettings().setValue("tables/" + name_, header()->saveState());
}

client::Key TableView::currentKey() const {
  return proxy_.keyAt(currentIndex());
}

client::ObjectPtr TableView::currentObject() const {
  const QModelIndex source = proxy_.mapToSource(currentIndex());
  return source.isValid() ? proxy_.table().objectAt(source.row()) : nullptr;
}

std::vector<client::ObjectPtr> TableView::selectedObjects() const {
  std::vector<client::ObjectPtr> objects;
  for (const QModelIndex& index : selectionModel()->selectedRows()) {
    objects.push_back(proxy_.table().objectAt(proxy_.mapToSource(index).row()));
  }
  return objects;
}

void TableView::select(const client::Key& key) {
  wanted_ = key;
  hasWanted_ = true;
  restoreSelection();
}

void TableView::restoreSelection() {
  if (!hasWanted_) return;
  const QModelIndex index = proxy_.indexOf(wanted_);
  if (!index.isValid()) return;
  setCurrentIndex(index);
  scrollTo(index);
}

void TableView::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QTreeView::currentChanged(current, previous);
  rememberSelected();
  emit currentKeyChanged();
}

void TableView::selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) {
  QTreeView::selectionChanged(selected, deselected);
  rememberSelected();
}

bool TableView::isCurrentSelected() const {
  return !removing_ && currentIndex().isValid() && selectionModel()->isSelected(currentIndex());
}

// A row is current without being selected when it is the neighbour of one that went, or the first
// one as the view gets the focus: nobody asked for it.
void TableView::rememberSelected() {
  if (!isCurrentSelected()) return;
  wanted_ = currentKey();
  hasWanted_ = true;
}

void TableView::sortAtFirst(int column, Qt::SortOrder order) {
  if (!isAsLeft_) sortByColumn(column, order);
}

void TableView::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) return copyCell();
  if (event->key() == Qt::Key_C &&
      event->modifiers() == (Qt::ControlModifier | Qt::ShiftModifier)) {
    return copyRows();
  }
  // Letters are shortcuts of the page, not a search of the view's own.
  if (!event->text().isEmpty() && event->text().at(0).isPrint() && event->key() != Qt::Key_Space) {
    event->ignore();
    return;
  }
  QTreeView::keyPressEvent(event);
}

void TableView::mouseMoveEvent(QMouseEvent* event) {
  proxy_.holdOrder();
  QTreeView::mouseMoveEvent(event);
}

void TableView::paintEvent(QPaintEvent* event) {
  QTreeView::paintEvent(event);
  if (proxy_.rowCount() > 0) return;
  QPainter painter(viewport());
  painter.setPen(theme::muted());
  painter.drawText(viewport()->rect().adjusted(24, 24, -24, -24),
                   Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap, emptyText_);
}

void TableView::showColumnMenu(const QPoint& at) {
  QMenu menu(this);
  for (int i = 0; i < proxy_.columnCount(); ++i) {
    QAction* action =
        menu.addAction(proxy_.headerData(i, Qt::Horizontal, Qt::DisplayRole).toString());
    action->setCheckable(true);
    action->setChecked(!isColumnHidden(i));
    connect(action, &QAction::toggled, this, [this, i](bool shown) { setColumnHidden(i, !shown); });
  }
  menu.exec(header()->mapToGlobal(at));
}

void TableView::copyCell() const {
  QApplication::clipboard()->setText(currentIndex().data().toString());
}

void TableView::copyRows() const {
  QStringList lines;
  for (const QModelIndex& row : selectionModel()->selectedRows()) {
    QStringList cells;
    for (int column = 0; column < proxy_.columnCount(); ++column) {
      if (!isColumnHidden(column)) cells << row.siblingAtColumn(column).data().toString();
    }
    lines << cells.join('\t');
  }
  QApplication::clipboard()->setText(lines.join('\n'));
}

}  // namespace gantry::desktop
