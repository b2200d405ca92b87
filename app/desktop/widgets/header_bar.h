// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLabel>
#include <QPushButton>
#include <QWidget>

#include "app/desktop/session.h"

namespace gantry::desktop {

/// The top of the window: which cluster, whether it is locked, the way to search, and how old what
/// is on screen is.
class HeaderBar : public QWidget {
  Q_OBJECT

 public:
  explicit HeaderBar(Session& session);

 signals:
  void paletteWanted();

 private:
  void refreshCluster();
  void refreshFreshness();

  Session& session_;
  QLabel* cluster_;
  QPushButton* lock_;
  QLabel* freshness_;
};

}  // namespace gantry::desktop
