// SPDX-License-Identifier: Apache-2.0
#include "app/models/table_proxy.h"

#include <algorithm>
#include <numeric>

namespace gantry::models {
namespace {

constexpr int kSortIntervalMs = 1000;

/// A sort value unpacked once, so that comparing is cheap.
struct SortKey {
  bool isText = false;
  double number = 0;
  QString text;

  explicit SortKey(const QVariant& value) : isText(value.typeId() == QMetaType::QString) {
    if (isText) {
      text = value.toString();
    } else {
      number = value.toDouble();
    }
  }
  bool operator<(const SortKey& other) const {
    return isText ? text.compare(other.text, Qt::CaseInsensitive) < 0 : number < other.number;
  }
};

}  // namespace

TableProxy::TableProxy(ObjectTable& table, QObject* parent)
    : QAbstractProxyModel(parent), table_(table) {
  setSourceModel(&table);
  rebuild();
  sortTimer_.setSingleShot(true);
  connect(&sortTimer_, &QTimer::timeout, this, &TableProxy::sortNow);
  connect(&table, &ObjectTable::rowsAboutToBeRemoved, this,
          [this](const QModelIndex&, int first, int last) { onAboutToRemove(first, last); });
  connect(&table, &ObjectTable::rowsRemoved, this,
          [this](const QModelIndex&, int first, int last) { onRemoved(first, last); });
  connect(&table, &ObjectTable::rowsInserted, this,
          [this](const QModelIndex&, int first, int last) { onInserted(first, last); });
  connect(&table, &ObjectTable::dataChanged, this,
          [this](const QModelIndex& from, const QModelIndex& to) {
            onChanged(from.row(), to.row(), from.column(), to.column());
          });
}

void TableProxy::setFilterText(const QString& text) {
  std::vector<QString> ids;
  for (const Column& column : table_.columns()) ids.push_back(column.id);
  beginResetModel();
  filter_ = Filter::parse(text, ids);
  rebuild();
  endResetModel();
}

void TableProxy::setScope(std::function<bool(const api::Object&)> scope) {
  beginResetModel();
  scope_ = std::move(scope);
  rebuild();
  endResetModel();
}

void TableProxy::holdOrder() {
  if (sortTimer_.isActive()) sortTimer_.start(kSortIntervalMs);
}

client::Key TableProxy::keyAt(const QModelIndex& index) const {
  return index.isValid() ? table_.keyAt(rows_[std::size_t(index.row())]) : client::Key();
}

QModelIndex TableProxy::indexOf(const client::Key& key) const {
  const int row = table_.rowOf(key);
  return row < 0 ? QModelIndex() : mapFromSource(table_.index(row, 0));
}

QModelIndex TableProxy::mapToSource(const QModelIndex& index) const {
  if (!index.isValid() || index.row() >= int(rows_.size())) return {};
  return table_.index(rows_[std::size_t(index.row())], index.column());
}

QModelIndex TableProxy::mapFromSource(const QModelIndex& index) const {
  if (!index.isValid() || index.row() >= int(proxyOf_.size())) return {};
  const int row = proxyOf_[std::size_t(index.row())];
  return row < 0 ? QModelIndex() : createIndex(row, index.column());
}

QModelIndex TableProxy::index(int row, int column, const QModelIndex& parent) const {
  return hasIndex(row, column, parent) ? createIndex(row, column) : QModelIndex();
}

QModelIndex TableProxy::parent(const QModelIndex&) const {
  return {};
}

int TableProxy::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(rows_.size());
}

int TableProxy::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : table_.columnCount();
}

bool TableProxy::hasChildren(const QModelIndex& parent) const {
  return !parent.isValid() && !rows_.empty();
}

bool TableProxy::accepts(int sourceRow) const {
  const api::Object& object = *table_.objectAt(sourceRow);
  if (scope_ && !scope_(object)) return false;
  if (filter_.isEmpty()) return true;
  const Columns& columns = table_.columns();
  return filter_.accepts(
      [&](int column) { return columns[std::size_t(column)].cell(object).text; },
      [&](int column) { return columns[std::size_t(column)].cell(object).sortKey(); });
}

std::vector<int> TableProxy::ordered(std::vector<int> sourceRows) const {
  std::ranges::sort(sourceRows);
  if (sortColumn_ < 0) return sourceRows;
  const Column& column = table_.columns()[std::size_t(sortColumn_)];
  std::vector<SortKey> keys;
  keys.reserve(sourceRows.size());
  for (const int row : sourceRows) keys.emplace_back(column.cell(*table_.objectAt(row)).sortKey());
  std::vector<int> order(sourceRows.size());
  std::iota(order.begin(), order.end(), 0);
  const auto key = [&](int i) -> const SortKey& { return keys[std::size_t(i)]; };
  // Equal values stand in the order of their names: the table's own order is that of arrival.
  const auto name = [&](int i) -> const client::Key& {
    return table_.keyAt(sourceRows[std::size_t(i)]);
  };
  const bool ascending = sortOrder_ == Qt::AscendingOrder;
  std::ranges::sort(order, [&](int a, int b) {
    const bool less = ascending ? key(a) < key(b) : key(b) < key(a);
    const bool more = ascending ? key(b) < key(a) : key(a) < key(b);
    return less || (!more && name(a) < name(b));
  });
  for (int& i : order) i = sourceRows[std::size_t(i)];
  return order;
}

void TableProxy::rebuild() {
  rows_.clear();
  for (int row = 0; row < table_.rowCount(); ++row) {
    if (accepts(row)) rows_.push_back(row);
  }
  rows_ = ordered(std::move(rows_));
  proxyOf_.assign(std::size_t(table_.rowCount()), -1);
  renumberFrom(0);
}

void TableProxy::renumberFrom(int proxyRow) {
  for (std::size_t row = std::size_t(proxyRow); row < rows_.size(); ++row) {
    proxyOf_[std::size_t(rows_[row])] = int(row);
  }
}

void TableProxy::append(const std::vector<int>& sourceRows) {
  if (sourceRows.empty()) return;
  const int first = int(rows_.size());
  beginInsertRows({}, first, first + int(sourceRows.size()) - 1);
  rows_.insert(rows_.end(), sourceRows.begin(), sourceRows.end());
  renumberFrom(first);
  endInsertRows();
  sortSoon();
}

void TableProxy::remove(std::vector<int> proxyRows) {
  std::ranges::sort(proxyRows);
  const auto runs = contiguousRuns(proxyRows);
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    beginRemoveRows({}, run->first, run->second);
    for (int row = run->first; row <= run->second; ++row) {
      proxyOf_[std::size_t(rows_[std::size_t(row)])] = -1;
    }
    rows_.erase(rows_.begin() + run->first, rows_.begin() + run->second + 1);
    renumberFrom(run->first);
    endRemoveRows();
  }
}

void TableProxy::onAboutToRemove(int first, int last) {
  std::vector<int> gone;
  for (int row = first; row <= last; ++row) {
    if (const int proxy = proxyOf_[std::size_t(row)]; proxy >= 0) gone.push_back(proxy);
  }
  remove(std::move(gone));
}

void TableProxy::onRemoved(int first, int last) {
  for (int& row : rows_) {
    if (row > last) row -= last - first + 1;
  }
  proxyOf_.erase(proxyOf_.begin() + first, proxyOf_.begin() + last + 1);
}

void TableProxy::onInserted(int first, int last) {
  const int count = last - first + 1;
  for (int& row : rows_) {
    if (row >= first) row += count;
  }
  proxyOf_.insert(proxyOf_.begin() + first, std::size_t(count), -1);
  std::vector<int> accepted;
  for (int row = first; row <= last; ++row) {
    if (accepts(row)) accepted.push_back(row);
  }
  append(accepted);
}

void TableProxy::onChanged(int firstRow, int lastRow, int firstColumn, int lastColumn) {
  std::vector<int> kept, lost, won;
  for (int row = firstRow; row <= lastRow; ++row) {
    const int proxy = proxyOf_[std::size_t(row)];
    const bool accepted = accepts(row);
    if (proxy >= 0) {
      (accepted ? kept : lost).push_back(proxy);
    } else if (accepted) {
      won.push_back(row);
    }
  }
  std::ranges::sort(kept);
  for (const auto& [first, last] : contiguousRuns(kept)) {
    emit dataChanged(index(first, firstColumn), index(last, lastColumn));
  }
  remove(std::move(lost));
  append(won);
  if (sortColumn_ >= firstColumn && sortColumn_ <= lastColumn) sortSoon();
}

void TableProxy::sort(int column, Qt::SortOrder order) {
  sortColumn_ = column;
  sortOrder_ = order;
  sortNow();
}

void TableProxy::sortSoon() {
  if (!sortTimer_.isActive()) sortTimer_.start(kSortIntervalMs);
}

void TableProxy::sortNow() {
  sortTimer_.stop();
  std::vector<int> order = ordered(rows_);
  if (order == rows_) return;
  emit layoutAboutToBeChanged({}, VerticalSortHint);
  const QModelIndexList before = persistentIndexList();
  std::vector<int> sources;
  for (const QModelIndex& index : before) sources.push_back(rows_[std::size_t(index.row())]);
  rows_ = std::move(order);
  renumberFrom(0);
  QModelIndexList after;
  for (qsizetype i = 0; i < before.size(); ++i) {
    after << createIndex(proxyOf_[std::size_t(sources[std::size_t(i)])], before[i].column());
  }
  changePersistentIndexList(before, after);
  emit layoutChanged({}, VerticalSortHint);
}

}  // namespace gantry::models
