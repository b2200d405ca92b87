// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "app/desktop/session.h"

namespace gantry::desktop {

/// Lies over the page, lets everything through, and paints a hatched edge while what is shown is
/// not live.
class StaleFrame : public QWidget {
  Q_OBJECT

 public:
  StaleFrame(Session& session, QWidget* over);

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  Session& session_;
};

}  // namespace gantry::desktop
