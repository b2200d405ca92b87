// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTabWidget>

#include "app/desktop/navigator.h"
#include "app/desktop/session.h"

namespace gantry::desktop {

class LogPanel;

/// Under the page: logs, events, what this person has asked for, and what they were told. Panels
/// are made when first shown.
class BottomDock : public QTabWidget {
  Q_OBJECT

 public:
  BottomDock(Session& session, Navigator& navigator);

  void showLogs(const QString& ns, const QStringList& pods, bool previous);
  void showNotices();
  LogPanel& logs() { return *logs_; }

 private:
  QWidget* makeEvents();
  QWidget* makeActivity();
  QWidget* makeNotices();
  void markNoticesRead();

  Session& session_;
  Navigator& navigator_;
  LogPanel* logs_;
  QWidget* noticesTab_ = nullptr;
};

}  // namespace gantry::desktop
