// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <QVariant>
#include <functional>
#include <vector>

#include "app/client/live_cache.h"
#include "app/models/health.h"

namespace gantry::models {

/// What one cell shows, and what it is ordered and compared by.
struct Cell {
  QString text;
  /// A number or a string; the text if unset.
  QVariant sort;
  Tone tone = Tone::kNeutral;
  /// 0 to 1: a bar behind the text; negative: none.
  double bar = -1;
  QString toolTip;

  QVariant sortKey() const { return sort.isValid() ? sort : QVariant(text); }
};

struct Column {
  /// The word for it in filters ("restarts>3") and the role's name in QML.
  QString id;
  QString title;
  /// Pixels at 100 %.
  int width;
  /// Called for each cell that is painted: cheap, and no side effects.
  std::function<Cell(const api::Object&)> cell;
  bool alignRight = false;
};

using Columns = std::vector<Column>;

class NodeLoad;

Columns podColumns();
Columns deploymentColumns();
Columns jobColumns();
Columns serviceColumns(const client::LiveCache& cache);
Columns eventColumns();
Columns planColumns();
Columns historyColumns();
Columns auditColumns();
Columns disruptionBudgetColumns();
Columns applicationColumns();
/// `load` must outlive the columns.
Columns nodeColumns(const NodeLoad& load);

}  // namespace gantry::models
