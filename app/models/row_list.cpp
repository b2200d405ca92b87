// SPDX-License-Identifier: Apache-2.0
#include "app/models/row_list.h"

#include <QSet>
#include <algorithm>

namespace gantry::models {
namespace {

const QString kId = QStringLiteral("id");

}  // namespace

RowList::RowList(const QStringList& fields, QObject* parent)
    : QAbstractListModel(parent), fields_(fields) {}

int RowList::find(const QVariant& id, int from) const {
  for (int row = from; row < count(); ++row) {
    if (rows_[std::size_t(row)].value(kId) == id) return row;
  }
  return -1;
}

void RowList::setRows(std::vector<QVariantMap> rows) {
  const int before = count();
  QSet<QString> wanted;
  for (const QVariantMap& row : rows) wanted.insert(row.value(kId).toString());
  for (int row = count() - 1; row >= 0; --row) {
    if (wanted.contains(rows_[std::size_t(row)].value(kId).toString())) continue;
    beginRemoveRows({}, row, row);
    rows_.erase(rows_.begin() + row);
    endRemoveRows();
  }
  for (int row = 0; row < int(rows.size()); ++row) {
    QVariantMap& next = rows[std::size_t(row)];
    const int at = find(next.value(kId), row);
    if (at < 0) {
      beginInsertRows({}, row, row);
      rows_.insert(rows_.begin() + row, std::move(next));
      endInsertRows();
      continue;
    }
    if (at != row) {
      beginMoveRows({}, at, at, {}, row);
      std::rotate(rows_.begin() + row, rows_.begin() + at, rows_.begin() + at + 1);
      endMoveRows();
    }
    if (rows_[std::size_t(row)] == next) continue;
    rows_[std::size_t(row)] = std::move(next);
    emit dataChanged(index(row), index(row));
  }
  if (count() != before) emit countChanged();
}

int RowList::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : count();
}

QVariant RowList::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const int field = role - Qt::UserRole - 1;
  if (field < 0 || field >= fields_.size()) return {};
  return rows_[std::size_t(index.row())].value(fields_[field]);
}

QHash<int, QByteArray> RowList::roleNames() const {
  QHash<int, QByteArray> names;
  for (int i = 0; i < fields_.size(); ++i) names.insert(Qt::UserRole + 1 + i, fields_[i].toUtf8());
  return names;
}

}  // namespace gantry::models
