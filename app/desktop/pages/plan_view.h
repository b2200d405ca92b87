// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QHash>
#include <QLabel>
#include <QListWidget>
#include <QWidget>

#include "app/desktop/diff/diff_view.h"
#include "app/desktop/session.h"
#include "app/desktop/widgets/line_box.h"

class QLayout;

namespace gantry::desktop {

/// What a plan would do: effect and pinned risks on top, the list of objects, and the diff of the
/// one that is selected. Shared by Changes and History. D side or inline, N/P change, [ ] object, V
/// viewed.
class PlanView : public QWidget {
  Q_OBJECT

 public:
  /// The keys work while the focus is within `keysIn`; null: within this.
  explicit PlanView(QWidget* parent = nullptr, QWidget* keysIn = nullptr);

  /// Keeps the selected object where it is in the new plan too, and of the same Application the
  /// ticks of objects that are as they were.
  void setPlan(const api::Plan& plan);
  const api::Plan& plan() const { return plan_; }

  DiffView& diff() { return *diff_; }
  QListWidget& objects() { return *objects_; }

 private:
  QLayout* makeTools(QWidget* keysIn);
  void showSummary();
  void showObject(int row);
  void step(int by);
  void stepChange(bool forward);
  void toggleViewed();
  bool isViewed(const api::PlannedChange& change) const;
  void markItem(int row);
  void countViewed();

  api::Plan plan_;
  QLabel* effect_;
  LineBox* pinned_;
  QLabel* viewedCount_;
  QListWidget* objects_;
  QLabel* objectNote_;
  DiffView* diff_;
  bool severalNamespaces_ = false;
  /// Title of an object → what of it was looked at.
  QHash<QString, std::string> viewed_;
};

}  // namespace gantry::desktop
