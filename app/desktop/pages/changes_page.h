// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QCheckBox>

#include "app/desktop/pages/decision_bar.h"
#include "app/desktop/pages/page.h"
#include "app/desktop/pages/plan_view.h"
#include "app/desktop/pages/review_panel.h"
#include "app/desktop/widgets/filter_bar.h"
#include "app/desktop/widgets/line_box.h"
#include "app/desktop/widgets/table_view.h"

class QStackedWidget;

namespace gantry::desktop {

/// The queue of plans, and the one that somebody selected with its diff. It stays on screen
/// whatever becomes of its row: when its commit or digest moves, or another plan takes its place,
/// the page says "changed, review again", what is different, and lets nothing be decided until the
/// new one was looked at. Beside the diff: what the plan waits for, and what is in it.
class ChangesPage : public Page {
  Q_OBJECT

 public:
  ChangesPage(Session& session, Navigator& navigator);

  void reveal(client::Kind kind, const client::Key& key) override;
  void focusFilter() override { filter_->focusInput(); }

 private:
  QWidget* makeReview();
  QLayout* makeHead();
  QLayout* makeWarning();
  void connectQueue();
  bool isInQueue(const api::Object& object) const;
  void choose();
  void showPlan(const client::ObjectPtr& plan);
  void reviewAgain();
  void refresh();
  void refreshQueue();
  void refreshShown();
  void refreshHead(const api::Plan& plan);
  void refreshChanged();

  FilterBar* filter_;
  QCheckBox* showEnded_;
  TableView* queue_;
  QStackedWidget* review_;
  QLabel* title_;
  QLabel* meta_;
  QLabel* state_;
  QLabel* outcome_;
  QLabel* changed_;
  QPushButton* reviewAgain_;
  LineBox* difference_;
  LineBox* since_;
  PlanView* view_;
  ReviewPanel* panel_;
  DecisionBar* decision_;
  /// The plan on screen; null before the first.
  client::ObjectPtr shown_;
  /// The one that is there instead of it, not looked at yet; null: none.
  client::ObjectPtr moved_;
  /// The controller has it no longer.
  bool isGone_ = false;
  /// Plans came: those that failed may have a newer one.
  bool plansCame_ = false;
  bool severalNamespaces_ = false;
  QTimer refreshTimer_;
};

}  // namespace gantry::desktop
