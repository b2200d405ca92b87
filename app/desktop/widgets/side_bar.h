// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractButton>
#include <QList>
#include <QWidget>

#include "app/desktop/navigator.h"
#include "app/desktop/session.h"

namespace gantry::desktop {

/// One place in the left bar: icon, name, and how many things there need a person.
class PlaceButton : public QAbstractButton {
  Q_OBJECT

 public:
  PlaceButton(const QString& icon, const QString& title, int number);

  void setBadge(int count, models::Tone tone);
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  const QString icon_;
  int badge_ = 0;
  models::Tone badgeTone_ = models::Tone::kNeutral;
};

/// The six places. Badges count only what needs a person: plans to approve, rollouts that run or
/// are stuck, nodes that are down.
class SideBar : public QWidget {
  Q_OBJECT

 public:
  explicit SideBar(Session& session);

  void setCurrent(Place place);

 signals:
  void chosen(gantry::desktop::Place place);

 private:
  void refreshBadges();

  Session& session_;
  QList<PlaceButton*> buttons_;
  QTimer badgeTimer_;
};

}  // namespace gantry::desktop
