// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLabel>
#include <QLineEdit>
#include <QTimer>

#include "app/desktop/widgets/table_view.h"

namespace gantry::desktop {

/// Where the filter of a table is typed, with the count of what is shown. Esc clears it and gives
/// the focus back to the table.
class FilterBar : public QWidget {
  Q_OBJECT

 public:
  explicit FilterBar(QWidget* parent = nullptr);

  /// Filters this table from now on, with the text that was typed for it before.
  void setTable(TableView* table);

  void focusInput();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void applyNow();
  void showCount();

  QLineEdit* input_;
  QLabel* count_;
  QTimer debounce_;
  TableView* table_ = nullptr;
  QList<QMetaObject::Connection> connections_;
};

}  // namespace gantry::desktop
