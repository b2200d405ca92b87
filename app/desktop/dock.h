// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTabWidget>

#include "app/desktop/navigator.h"
#include "app/desktop/session.h"

namespace gantry::desktop {

class LogPanel;

/// Under the page: logs, events, and what this person has asked for. Panels are made when first
/// shown.
class BottomDock : public QTabWidget {
  Q_OBJECT

 public:
  BottomDock(Session& session, Navigator& navigator);

  void showLogs(const QString& ns, const QStringList& pods, bool previous);
  LogPanel& logs() { return *logs_; }

 private:
  QWidget* makeEvents();
  QWidget* makeActivity();

  Session& session_;
  Navigator& navigator_;
  LogPanel* logs_;
};

}  // namespace gantry::desktop
