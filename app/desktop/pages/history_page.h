// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QTabBar>

#include "app/desktop/pages/page.h"
#include "app/desktop/pages/way_back.h"
#include "app/desktop/widgets/filter_bar.h"
#include "app/desktop/widgets/gated_button.h"
#include "app/desktop/widgets/table_view.h"

class QStackedWidget;

namespace gantry::desktop {

class AuditPanel;
class HoldsList;
class MatrixPanel;

/// What was applied, when, by whom and why, as a matrix of revisions and environments or as a
/// timeline, and the audit trail; holds; and the way back: a preview of the rollback with its diff,
/// a reason, then a revert commit.
class HistoryPage : public Page {
  Q_OBJECT

 public:
  HistoryPage(Session& session, Navigator& navigator);

  void reveal(client::Kind kind, const client::Key& key) override;
  void focusFilter() override;
  void activate() override { refresh(); }

 private:
  enum View { kMatrix, kTimeline, kAudit };

  QWidget* makeTimeline();
  void refresh();
  void refreshApplications();
  void refreshHolds();
  void refreshDetail();
  void chooseApplication();
  void showView(int view);
  void openPlan(const client::Key& entry);
  void tell(const QString& text);

  WayBack* wayBack_;
  QTabBar* views_;
  QStackedWidget* stack_;
  MatrixPanel* matrix_;
  AuditPanel* audit_;
  HoldsList* holds_;
  QLabel* answer_;
  QComboBox* application_;
  FilterBar* filter_;
  TableView* timeline_;
  QLabel* detail_;
  GatedButton* compare_;
  GatedButton* rollback_;
  bool busy_ = false;
  QTimer timer_;
};

}  // namespace gantry::desktop
