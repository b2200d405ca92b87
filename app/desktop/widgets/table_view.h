// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTimer>
#include <QTreeView>

#include "app/models/table_proxy.h"

namespace gantry::desktop {

/// A live table: rows of one height, columns that can be resized, moved and hidden (remembered
/// under `name`), tones and bars painted, the selection kept by key through filtering and
/// re-sorting.
class TableView : public QTreeView {
  Q_OBJECT

 public:
  TableView(const QString& name, models::ObjectTable& table, QWidget* parent = nullptr);
  ~TableView() override;

  models::TableProxy& proxy() { return proxy_; }

  /// The current row's object; null if there is none.
  client::ObjectPtr currentObject() const;
  client::Key currentKey() const;
  /// Somebody, or select(), chose the current row: it did not only become current as another went.
  bool isCurrentSelected() const;
  std::vector<client::ObjectPtr> selectedObjects() const;

  /// Makes the row of `key` current, as soon as there is one.
  void select(const client::Key& key);

  /// The order until somebody chooses another, which is remembered.
  void sortAtFirst(int column, Qt::SortOrder order);

  /// What one might type into its filter: "ns:shop  restarts>3".
  void setFilterExample(const QString& text) { filterExample_ = text; }
  QString filterExample() const { return filterExample_; }

  /// While empty the table says so, in these words.
  void setEmptyText(const QString& text) { emptyText_ = text; }

 signals:
  void currentKeyChanged();
  /// Enter or a double click.
  void opened(const gantry::client::Key& key);

 protected:
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
  void selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void restoreSelection();
  void rememberSelected();
  void showColumnMenu(const QPoint& at);
  void copyCell() const;
  void copyRows() const;

  const QString name_;
  models::TableProxy proxy_;
  client::Key wanted_;
  bool hasWanted_ = false;
  /// Columns and order are as they were left the last time.
  bool isAsLeft_ = false;
  bool removing_ = false;
  QString emptyText_;
  QString filterExample_;
  QTimer ageTimer_;
};

}  // namespace gantry::desktop
