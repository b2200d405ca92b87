// SPDX-License-Identifier: Apache-2.0
#include "app/models/object_table.h"

#include <algorithm>

#include "app/models/text.h"

namespace gantry::models {

std::vector<std::pair<int, int>> contiguousRuns(const std::vector<int>& ascending) {
  std::vector<std::pair<int, int>> runs;
  for (const int row : ascending) {
    if (!runs.empty() && runs.back().second + 1 == row) {
      runs.back().second = row;
    } else {
      runs.emplace_back(row, row);
    }
  }
  return runs;
}

ObjectTable::ObjectTable(client::LiveCache& cache, client::Kind kind, Columns columns,
                         QObject* parent)
    : QAbstractTableModel(parent), cache_(cache), kind_(kind), columns_(std::move(columns)) {
  for (const auto& [key, object] : cache.table(kind)) {
    index_.emplace(key, int(rows_.size()));
    rows_.push_back({key, object});
  }
  subscription_ = cache.observe(kind, [this](const client::Changes& changes) { apply(changes); });
}

int ObjectTable::rowOf(const client::Key& key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? -1 : found->second;
}

void ObjectTable::touchColumn(int column) {
  if (rows_.empty()) return;
  emit dataChanged(index(0, column), index(int(rows_.size()) - 1, column));
}

int ObjectTable::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(rows_.size());
}

int ObjectTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(columns_.size());
}

QVariant ObjectTable::value(const Row& row, int column, const Cell& cell, int role) const {
  switch (role) {
    case Qt::DisplayRole:
      return cell.text;
    case Qt::ToolTipRole:
      return cell.toolTip.isEmpty() ? QVariant() : QVariant(cell.toolTip);
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(
          Qt::AlignVCenter |
          (columns_[std::size_t(column)].alignRight ? Qt::AlignRight : Qt::AlignLeft));
    case SortRole:
      return cell.sortKey();
    case ToneRole:
      return int(cell.tone);
    case BarRole:
      return cell.bar < 0 ? QVariant() : QVariant(cell.bar);
    case KeyRole:
      return QVariant::fromValue(row.key);
    default:
      return {};
  }
}

QVariant ObjectTable::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = rows_[std::size_t(index.row())];
  if (role >= FirstColumnRole && role < FirstColumnRole + int(columns_.size())) {
    return columns_[std::size_t(role - FirstColumnRole)].cell(*row.object).text;
  }
  return value(row, index.column(), columns_[std::size_t(index.column())].cell(*row.object), role);
}

void ObjectTable::multiData(const QModelIndex& index, QModelRoleDataSpan span) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return;
  const Row& row = rows_[std::size_t(index.row())];
  const Cell cell = columns_[std::size_t(index.column())].cell(*row.object);
  for (QModelRoleData& item : span) {
    item.setData(item.role() >= FirstColumnRole ? data(index, item.role())
                                                : value(row, index.column(), cell, item.role()));
  }
}

QVariant ObjectTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= int(columns_.size())) return {};
  const Column& column = columns_[std::size_t(section)];
  if (role == Qt::DisplayRole) return column.title;
  if (role == Qt::ToolTipRole) return QStringLiteral("In filters: %1").arg(column.id);
  if (role == Qt::TextAlignmentRole) {
    return QVariant::fromValue(Qt::AlignVCenter |
                               (column.alignRight ? Qt::AlignRight : Qt::AlignLeft));
  }
  return {};
}

QHash<int, QByteArray> ObjectTable::roleNames() const {
  QHash<int, QByteArray> names = QAbstractTableModel::roleNames();
  names.insert(ToneRole, "tone");
  names.insert(BarRole, "bar");
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    names.insert(FirstColumnRole + int(i), columns_[i].id.toUtf8());
  }
  return names;
}

void ObjectTable::apply(const client::Changes& changes) {
  remove(changes.removed);
  append(changes.added);
  update(changes.changed);
}

void ObjectTable::remove(const std::vector<client::Key>& keys) {
  std::vector<int> gone;
  for (const client::Key& key : keys) {
    if (const int row = rowOf(key); row >= 0) gone.push_back(row);
  }
  if (gone.empty()) return;
  std::ranges::sort(gone);
  const auto runs = contiguousRuns(gone);
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    beginRemoveRows({}, run->first, run->second);
    for (int row = run->first; row <= run->second; ++row) index_.erase(keyAt(row));
    rows_.erase(rows_.begin() + run->first, rows_.begin() + run->second + 1);
    endRemoveRows();
  }
  for (int row = gone.front(); row < int(rows_.size()); ++row) index_[keyAt(row)] = row;
}

void ObjectTable::append(const std::vector<client::Key>& keys) {
  if (keys.empty()) return;
  const int first = int(rows_.size());
  beginInsertRows({}, first, first + int(keys.size()) - 1);
  for (const client::Key& key : keys) {
    index_[key] = int(rows_.size());
    rows_.push_back({key, cache_.find(kind_, key)});
  }
  endInsertRows();
}

void ObjectTable::update(const std::vector<client::Key>& keys) {
  std::vector<int> changed;
  for (const client::Key& key : keys) {
    const int row = rowOf(key);
    if (row < 0) continue;
    rows_[std::size_t(row)].object = cache_.find(kind_, key);
    changed.push_back(row);
  }
  std::ranges::sort(changed);
  for (const auto& [first, last] : contiguousRuns(changed)) {
    emit dataChanged(index(first, 0), index(last, int(columns_.size()) - 1));
  }
}

}  // namespace gantry::models
