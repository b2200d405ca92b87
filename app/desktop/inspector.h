// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QScrollArea>
#include <QTimer>
#include <utility>
#include <vector>

#include "app/desktop/navigator.h"
#include "app/desktop/session.h"

class QFormLayout;
class QLabel;
class QVBoxLayout;

namespace gantry::desktop {

class ApplicationPanel;
class DiffView;

/// Beside the page: the selected object, its health and why, facts, its newest events and its
/// manifest; of an Application instead of the manifest what holds it up, and who decided what.
class Inspector : public QWidget {
  Q_OBJECT

 public:
  Inspector(Session& session, Navigator& navigator);

  void inspect(client::Kind kind, const client::Key& key);

 private:
  /// Names and values, in the order in which they are shown.
  using Fact = std::pair<QString, QString>;
  using Facts = std::vector<Fact>;

  void refresh();
  void showFacts(Facts facts);
  void showEvents();

  Session& session_;
  Navigator& navigator_;
  client::Kind kind_ = client::Kind::OBJECT_NOT_SET;
  client::Key key_;
  client::ObjectPtr shown_;
  Facts shownFacts_;
  QLabel* kindLabel_;
  QLabel* title_;
  QLabel* status_;
  QLabel* why_;
  QFormLayout* facts_;
  QVBoxLayout* events_;
  QLabel* eventsTitle_;
  DiffView* manifest_;
  ApplicationPanel* application_;
  QTimer timer_;
};

}  // namespace gantry::desktop
