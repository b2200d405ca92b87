// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QCheckBox>

#include "app/desktop/pages/page.h"
#include "app/desktop/pages/plan_view.h"
#include "app/desktop/pages/review_panel.h"
#include "app/desktop/widgets/filter_bar.h"
#include "app/desktop/widgets/gated_button.h"
#include "app/desktop/widgets/table_view.h"

class QStackedWidget;

namespace gantry::desktop {

/// The queue of plans, and the one that is selected with its diff. Approve and reject stand inside
/// the diff and are bound to the commit and digest that are shown: when either moves, the page says
/// "changed, review again" and approves nothing until the new one was looked at. Beside the diff:
/// what the plan waits for, and what is in it.
class ChangesPage : public Page {
  Q_OBJECT

 public:
  ChangesPage(Session& session, Navigator& navigator);

  void reveal(client::Kind kind, const client::Key& key) override;
  void focusFilter() override { filter_->focusInput(); }

 private:
  QWidget* makeReview();
  void choose();
  void refresh();
  void showPlan(const api::Plan& plan);
  void approve();
  void reject();
  void override();
  void refreshDecision(const api::Plan& plan);
  void showAnswer(const absl::Status& status, const QString& done);

  FilterBar* filter_;
  QCheckBox* showEnded_;
  TableView* queue_;
  QStackedWidget* review_;
  QLabel* title_;
  QLabel* meta_;
  QLabel* state_;
  QLabel* changed_;
  QLabel* since_;
  QPushButton* reviewAgain_;
  PlanView* view_;
  ReviewPanel* panel_;
  QLabel* note_;
  QLabel* answer_;
  QLineEdit* comment_;
  GatedButton* approve_;
  GatedButton* reject_;
  GatedButton* override_;
  QString sent_;
  client::Key key_;
  client::ObjectPtr shown_;
  /// The plan with another digest that took the shown one's place; empty: none.
  client::ObjectPtr moved_;
  QTimer refreshTimer_;
};

}  // namespace gantry::desktop
