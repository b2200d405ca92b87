// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTimer>
#include <QWidget>

#include "app/desktop/navigator.h"
#include "app/desktop/session.h"
#include "app/models/notices.h"

class QSystemTrayIcon;
class QVBoxLayout;

namespace gantry::desktop {

/// Tells the person what models::NoticeFinder finds: as a message of the desktop where there is a
/// tray, else as a list in the window's corner; all are kept in a log. A click opens what it is
/// about; where it cannot be known which of several messages was clicked, the log. Messages can be
/// switched off, which is remembered.
class Notifier : public QObject {
  Q_OBJECT

 public:
  /// `window` owns it.
  Notifier(Session& session, Navigator& navigator, QWidget& window);

  bool isOn() const { return on_; }
  void setOn(bool on);

  /// Tells one notice, and keeps it.
  void add(const models::Notice& notice);

  /// The list in the corner, newest last.
  QWidget& toasts() { return *toasts_; }

 signals:
  /// The person wants to see the log.
  void logWanted();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void look();
  void tell(const models::Notice& notice);
  void openClicked();
  void addToast(const models::Notice& notice);
  void placeToasts();
  void open(const models::Notice& notice);

  Session& session_;
  Navigator& navigator_;
  QWidget& window_;
  models::NoticeFinder finder_;
  QSystemTrayIcon* tray_ = nullptr;
  /// Told by the tray since the window was last in front: a click does not say which it was on.
  std::vector<models::Notice> told_;
  QWidget* toasts_;
  QVBoxLayout* rows_;
  QTimer timer_;
  bool on_ = true;
};

}  // namespace gantry::desktop
