// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLabel>
#include <QPushButton>
#include <QWidget>

#include "app/desktop/session.h"

namespace gantry::desktop {

/// The top of the window: which cluster, whether it is locked, the way to search, the notices that
/// were not looked at, and how old what is on screen is.
class HeaderBar : public QWidget {
  Q_OBJECT

 public:
  explicit HeaderBar(Session& session);

  /// How many notices came since they were looked at.
  void setUnread(int unread);

 signals:
  void paletteWanted();
  void noticesWanted();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void refreshCluster();
  void refreshFreshness();
  void drawIcons();

  Session& session_;
  QLabel* cluster_;
  QPushButton* lock_;
  QPushButton* search_;
  QPushButton* bell_;
  QLabel* freshness_;
};

}  // namespace gantry::desktop
