// SPDX-License-Identifier: Apache-2.0
#include <QStringList>
#include <algorithm>

#include "app/models/matrix.h"
#include "app/models/object_table.h"
#include "app/models/text.h"

namespace gantry::models {

void MatrixModel::setMatrix(Matrix matrix) {
  const auto commits = [](const Matrix& of) {
    std::vector<std::string> all;
    for (const Matrix::Row& row : of.rows) all.push_back(row.revision.commit());
    return all;
  };
  if (std::ranges::equal(matrix.columns, matrix_.columns, {}, &Matrix::Column::application,
                         &Matrix::Column::application) &&
      commits(matrix) == commits(matrix_)) {
    const bool sameColumns = matrix.columns == matrix_.columns;
    matrix_ = std::move(matrix);
    if (!sameColumns) emit headerDataChanged(Qt::Horizontal, kFixedColumns, columnCount() - 1);
    if (!matrix_.rows.empty()) {
      emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    }
    return;
  }
  beginResetModel();
  matrix_ = std::move(matrix);
  endResetModel();
}

int MatrixModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(matrix_.rows.size());
}

int MatrixModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kFixedColumns + int(matrix_.columns.size());
}

QVariant MatrixModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Matrix::Row& row = matrix_.rows[std::size_t(index.row())];
  if (index.column() >= kFixedColumns) {
    const MatrixCell& cell = row.cells[std::size_t(index.column() - kFixedColumns)];
    if (role == Qt::DisplayRole) return cell.text;
    if (role == ToneRole) return int(cell.tone);
    if (role == Qt::ToolTipRole && !cell.toolTip.isEmpty()) return cell.toolTip;
    return {};
  }
  if (role == Qt::ToolTipRole) return describeRevision(row.revision);
  if (role != Qt::DisplayRole) return {};
  if (index.column() == 0) return shortCommit(row.revision.commit());
  return qs(index.column() == 1 ? row.revision.subject() : row.revision.author());
}

QVariant MatrixModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  if (section < kFixedColumns) {
    if (role != Qt::DisplayRole) return {};
    return QStringList{"Commit", "What", "Author"}.value(section);
  }
  const Matrix::Column& column = matrix_.columns[std::size_t(section - kFixedColumns)];
  if (role == Qt::ToolTipRole) {
    const QString name = qs(column.application.ns + "/" + column.application.name);
    return column.suspension.isEmpty()
               ? name
               : QStringLiteral("%1, suspended %2").arg(name, column.suspension);
  }
  if (role != Qt::DisplayRole) return {};
  return column.suspension.isEmpty() ? column.title : QStringLiteral("‖ ") + column.title;
}

Qt::ItemFlags MatrixModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return Qt::NoItemFlags;
  // Only what became of a revision somewhere can be acted on.
  return index.column() >= kFixedColumns ? Qt::ItemIsEnabled | Qt::ItemIsSelectable
                                         : Qt::ItemIsEnabled;
}

}  // namespace gantry::models
