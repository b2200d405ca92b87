// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QComboBox>
#include <QLabel>

#include "app/desktop/pages/page.h"
#include "app/desktop/widgets/filter_bar.h"
#include "app/desktop/widgets/gated_button.h"
#include "app/desktop/widgets/table_view.h"

namespace gantry::desktop {

/// What was applied, when, by whom and why; holds; and the way back: a preview of the rollback with
/// its diff, a reason, then a revert commit.
class HistoryPage : public Page {
  Q_OBJECT

 public:
  HistoryPage(Session& session, Navigator& navigator);

  void reveal(client::Kind kind, const client::Key& key) override;
  void focusFilter() override { filter_->focusInput(); }

 private:
  void refreshApplications();
  void refreshHolds();
  void refreshDetail();
  void chooseApplication();
  void previewRollback();
  void showPreview(const api::RollbackRequest& request, const api::RollbackPreview& preview);
  void liftHold();

  QComboBox* application_;
  FilterBar* filter_;
  TableView* view_;
  QLabel* detail_;
  QLabel* holds_;
  GatedButton* rollback_;
  GatedButton* lift_;
  QLabel* answer_;
  QTimer timer_;
};

}  // namespace gantry::desktop
