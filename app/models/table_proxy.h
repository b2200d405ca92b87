// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractProxyModel>
#include <QTimer>
#include <functional>
#include <vector>

#include "app/models/filter.h"
#include "app/models/object_table.h"

namespace gantry::models {

/// An ObjectTable filtered and ordered. Order is held while values change: rows are sorted again at
/// most once a second, and not while somebody points at them (holdOrder). Flat, so that 100,000
/// rows are sorted and filtered in some ten milliseconds.
class TableProxy : public QAbstractProxyModel {
  Q_OBJECT

 public:
  explicit TableProxy(ObjectTable& table, QObject* parent = nullptr);

  ObjectTable& table() const { return table_; }

  /// What the person typed. Resets the model: views keep their selection by key (TableView does).
  void setFilterText(const QString& text);

  /// A limit of the page's own, beside the typed filter: "open plans only". Null: none.
  void setScope(std::function<bool(const api::Object&)> scope);

  /// The pointer is over the rows: do not move them within the next second.
  void holdOrder();

  client::Key keyAt(const QModelIndex& index) const;
  /// Invalid if the key has no row, or is filtered out.
  QModelIndex indexOf(const client::Key& key) const;

  QModelIndex mapToSource(const QModelIndex& index) const override;
  QModelIndex mapFromSource(const QModelIndex& index) const override;
  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex& child) const override;
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  bool hasChildren(const QModelIndex& parent = {}) const override;
  void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

 private:
  void onAboutToRemove(int first, int last);
  void onRemoved(int first, int last);
  void onInserted(int first, int last);
  void onChanged(int firstRow, int lastRow, int firstColumn, int lastColumn);
  bool accepts(int sourceRow) const;
  void rebuild();
  void append(const std::vector<int>& sourceRows);
  void remove(std::vector<int> proxyRows);
  void renumberFrom(int proxyRow);
  std::vector<int> ordered(std::vector<int> sourceRows) const;
  void sortNow();
  void sortSoon();

  ObjectTable& table_;
  Filter filter_;
  std::function<bool(const api::Object&)> scope_;
  /// Row here → row of the table, and back (-1: filtered out).
  std::vector<int> rows_;
  std::vector<int> proxyOf_;
  int sortColumn_ = -1;
  Qt::SortOrder sortOrder_ = Qt::AscendingOrder;
  QTimer sortTimer_;
};

}  // namespace gantry::models
