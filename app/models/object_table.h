// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractTableModel>
#include <unordered_map>
#include <vector>

#include "app/client/live_cache.h"
#include "app/models/column.h"

namespace gantry::models {

enum Role {
  SortRole = Qt::UserRole + 1,  ///< Number or string to order by.
  ToneRole,                     ///< int of Tone.
  BarRole,                      ///< 0 to 1; absent: no bar.
  KeyRole,                      ///< client::Key of the row.
  FirstColumnRole,              ///< For QML: text of column n is FirstColumnRole + n.
};

/// One kind of the cache as a table: a row an object, in order of arrival (a proxy sorts). Follows
/// the cache by row differences and never resets.
class ObjectTable : public QAbstractTableModel {
  Q_OBJECT

 public:
  ObjectTable(client::LiveCache& cache, client::Kind kind, Columns columns,
              QObject* parent = nullptr);

  client::Kind kind() const { return kind_; }
  const Columns& columns() const { return columns_; }
  const client::Key& keyAt(int row) const { return rows_[std::size_t(row)].key; }
  const client::ObjectPtr& objectAt(int row) const { return rows_[std::size_t(row)].object; }
  /// -1 if there is none.
  int rowOf(const client::Key& key) const;

  /// All cells of a column may show something else now, though no object changed: an age, a sum.
  void touchColumn(int column);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  void multiData(const QModelIndex& index, QModelRoleDataSpan span) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  QHash<int, QByteArray> roleNames() const override;

 private:
  struct Row {
    client::Key key;
    client::ObjectPtr object;
  };
  struct KeyHash {
    std::size_t operator()(const client::Key& key) const {
      return std::hash<std::string>()(key.ns) * 31 + std::hash<std::string>()(key.name);
    }
  };

  void apply(const client::Changes& changes);
  void remove(const std::vector<client::Key>& keys);
  void append(const std::vector<client::Key>& keys);
  void update(const std::vector<client::Key>& keys);
  QVariant value(const Row& row, int column, const Cell& cell, int role) const;

  const client::LiveCache& cache_;
  const client::Kind kind_;
  const Columns columns_;
  std::vector<Row> rows_;
  std::unordered_map<client::Key, int, KeyHash> index_;
  client::LiveCache::Subscription subscription_;
};

/// Splits ascending row numbers into runs [first, last] of neighbours.
std::vector<std::pair<int, int>> contiguousRuns(const std::vector<int>& ascending);

}  // namespace gantry::models

Q_DECLARE_METATYPE(gantry::client::Key)
