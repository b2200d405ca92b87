// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/desktop/navigator.h"
#include "app/desktop/session.h"
#include "app/desktop/widgets/filter_bar.h"
#include "app/desktop/widgets/table_view.h"

namespace gantry::desktop {

/// What people decided about all Applications, newest first, and whether the records are whole
/// chains. Enter opens the plan that a record is about.
class AuditPanel : public QWidget {
  Q_OBJECT

 public:
  AuditPanel(Session& session, Navigator& navigator);

  /// Looks at the chains again, if there are other records than at the last look.
  void refresh();
  void select(const client::Key& record) { table_->select(record); }
  void focusFilter() { filter_->focusInput(); }

 private:
  void showCurrent();
  void open(const client::Key& record);

  Session& session_;
  Navigator& navigator_;
  FilterBar* filter_;
  QLabel* chain_;
  TableView* table_;
  QLabel* detail_;
  client::Table verified_;
};

}  // namespace gantry::desktop
