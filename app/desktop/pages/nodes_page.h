// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/desktop/pages/page.h"
#include "app/desktop/widgets/filter_bar.h"
#include "app/desktop/widgets/gated_button.h"
#include "app/desktop/widgets/table_view.h"

namespace gantry::desktop {

/// Nodes with what is requested of them; cordon, uncordon and drain with a preview.
class NodesPage : public Page {
  Q_OBJECT

 public:
  NodesPage(Session& session, Navigator& navigator);

  void activate() override;
  void reveal(client::Kind kind, const client::Key& key) override;
  void focusFilter() override { filter_->focusInput(); }

 private:
  void refreshActions();
  void refreshSummary();
  void cordon(bool on);
  void previewDrain();
  void confirmDrain(const std::string& node, const api::DrainPreview& preview);
  void showAnswer(const absl::StatusOr<api::NodeResponse>& response);

  TableView* view_;
  FilterBar* filter_;
  QLabel* summary_;
  QLabel* answer_;
  GatedButton* cordon_;
  GatedButton* uncordon_;
  GatedButton* drain_;
};

}  // namespace gantry::desktop
