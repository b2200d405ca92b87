// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QSet>
#include <QWidget>

#include "app/desktop/diff/diff_view.h"
#include "app/desktop/session.h"

class QVBoxLayout;

namespace gantry::desktop {

/// What a plan would do: effect and pinned risks on top, the list of objects, and the diff of the
/// one that is selected. Shared by Changes and History. D side or inline, N/P change, [ ] object, V
/// viewed.
class PlanView : public QWidget {
  Q_OBJECT

 public:
  explicit PlanView(QWidget* parent = nullptr);

  /// Keeps the selected object and the ticks where the same object is in the new plan.
  void setPlan(const api::Plan& plan);
  const api::Plan& plan() const { return plan_; }

  DiffView& diff() { return *diff_; }
  QListWidget& objects() { return *objects_; }

 private:
  void showSummary();
  void showObject(int row);
  void step(int by);
  void stepChange(bool forward);
  void toggleViewed();
  void markItem(int row);

  api::Plan plan_;
  QLabel* effect_;
  QLabel* pinned_;
  QLabel* viewedCount_;
  QListWidget* objects_;
  QLabel* objectNote_;
  DiffView* diff_;
  QSet<QString> viewed_;
};

/// "Deployment shop/front".
QString changeTitle(const api::PlannedChange& change);

/// "3 changed · 1 added · 1 deleted    18 pods restart    CPU +1.2   memory +4 GiB".
QString effectText(const api::Plan& plan);

/// One line a risk, deletions first: "image  shop/front  1.4.2 → 1.5.0".
QStringList pinnedRisks(const api::Plan& plan);

}  // namespace gantry::desktop
