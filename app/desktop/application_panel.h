// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QScrollArea>

#include "app/desktop/navigator.h"
#include "app/desktop/session.h"
#include "app/desktop/widgets/gated_button.h"

class QLabel;
class QLayout;

namespace gantry::desktop {

class ApplicationActions;
class WayBack;

/// An Application in the inspector: whether somebody has suspended it, what its waiting plan is
/// blocked by, and what people decided about it, newest first. Syncs, suspends and resumes it,
/// compares it with other revisions, and shows what the controller answered.
class ApplicationPanel : public QScrollArea {
  Q_OBJECT

 public:
  ApplicationPanel(Session& session, Navigator& navigator);

  /// Shows the Application as it is now; an object that is none hides the panel.
  void show(const client::ObjectPtr& object);

 private:
  QLayout* makeButtons();
  void connectActions();
  void showAnswer(const client::Key& application, const QString& text);
  void showGates();
  void showAudit();

  Session& session_;
  Navigator& navigator_;
  ApplicationActions* actions_;
  WayBack* wayBack_;
  client::Key key_;
  QLabel* suspension_;
  GatedButton* sync_;
  GatedButton* suspend_;
  GatedButton* resume_;
  GatedButton* compare_;
  QLabel* answer_;
  QLabel* gates_;
  QPushButton* openPlan_;
  QLabel* audit_;
  QPushButton* openAudit_;
  std::string plan_;
  /// Of the newest record that is shown.
  std::string newestRecord_;
};

}  // namespace gantry::desktop
