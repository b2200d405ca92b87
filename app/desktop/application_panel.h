// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QScrollArea>

#include "app/desktop/navigator.h"
#include "app/desktop/session.h"
#include "app/desktop/widgets/gated_button.h"

class QLabel;
class QVBoxLayout;

namespace gantry::desktop {

/// An Application in the inspector: whether somebody has suspended it, what its waiting plan is
/// blocked by, and what people decided about it, newest first. Suspends and resumes.
class ApplicationPanel : public QScrollArea {
  Q_OBJECT

 public:
  ApplicationPanel(Session& session, Navigator& navigator);

  /// Shows the Application as it is now; an object that is none hides the panel.
  void show(const client::ObjectPtr& object);

 private:
  void showGates();
  void showAudit();
  void suspend();
  void resume();

  Session& session_;
  Navigator& navigator_;
  client::Key key_;
  QLabel* suspension_;
  GatedButton* suspend_;
  GatedButton* resume_;
  QLabel* gates_;
  QPushButton* openPlan_;
  QLabel* audit_;
  std::string plan_;
};

}  // namespace gantry::desktop
