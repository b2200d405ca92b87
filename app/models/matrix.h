// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "app/models/health.h"
#include "controller/api/records.pb.h"

namespace gantry::models {

/// What became of one revision in one Application.
struct MatrixCell {
  /// "● live 2h", "○ was 3d", "✖ failed 12m", "◔ waits 5m", "✖ rejected by bo", "✖ sync failed",
  /// "⚑ held"; "–": the commit changes nothing there; "·": nothing yet.
  QString text;
  Tone tone = Tone::kNeutral;
  QString toolTip;
  /// Names of the newest HistoryEntry and of the Hold; empty if there is none.
  std::string entry;
  std::string hold;
  /// Name of the plan that would apply it; of what was never applied, of the one that ended.
  std::string plan;

  bool operator==(const MatrixCell&) const = default;
};

/// The Applications of one repository beside each other, in the order of promotion, and below each
/// other the revisions that any of them has seen, newest first.
struct Matrix {
  struct Column {
    client::Key application;
    /// The environment, else the Application's name.
    QString title;
    std::string environment;
    /// Who has suspended it, for how long and why; empty: nobody.
    QString suspension;
    bool operator==(const Column&) const = default;
  };
  struct Row {
    schema::Revision revision;
    std::vector<MatrixCell> cells;
  };
  std::vector<Column> columns;
  std::vector<Row> rows;
};

/// The repository that an Application follows. One that names none, or ".", follows that of the
/// root Application, where it comes from.
std::string repositoryOf(const client::LiveCache& cache, const schema::Application& application);

/// The repositories that Applications follow, each once, in order.
std::vector<std::string> repositoriesOf(const client::LiveCache& cache);

/// Pure but for what `cache` holds. At most 200 revisions.
Matrix matrixOf(const client::LiveCache& cache, const std::string& repository, qint64 nowMs);

/// The matrix as a table: commit, what, author, then a column for each Application.
class MatrixModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  static constexpr int kFixedColumns = 3;

  using QAbstractTableModel::QAbstractTableModel;

  /// Resets only if there are other rows or other columns.
  void setMatrix(Matrix matrix);
  const Matrix& matrix() const { return matrix_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 private:
  Matrix matrix_;
};

}  // namespace gantry::models
