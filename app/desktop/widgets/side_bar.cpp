// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/side_bar.h"

#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "app/client/review.h"
#include "app/desktop/theme.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

struct PlaceText {
  const char* icon;
  const char* title;
};
constexpr std::array<PlaceText, 6> kPlaces = {{{"overview", "Overview"},
                                               {"changes", "Changes"},
                                               {"rollouts", "Rollouts"},
                                               {"history", "History"},
                                               {"workloads", "Workloads"},
                                               {"nodes", "Nodes"}}};

}  // namespace

PlaceButton::PlaceButton(const QString& icon, const QString& title, int number) : icon_(icon) {
  setText(title);
  setAccessibleName(title);
  setCheckable(true);
  setAutoExclusive(true);
  setCursor(Qt::PointingHandCursor);
  setToolTip(QStringLiteral("%1 (Ctrl+%2)").arg(title).arg(number));
  setFocusPolicy(Qt::TabFocus);
}

void PlaceButton::setBadge(int count, models::Tone tone) {
  if (badge_ == count && badgeTone_ == tone) return;
  badge_ = count;
  badgeTone_ = tone;
  update();
}

QSize PlaceButton::sizeHint() const {
  return {172, fontMetrics().height() + 20};
}

void PlaceButton::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRect area = rect().adjusted(8, 2, -8, -2);
  const QColor accent = palette().color(QPalette::Highlight);
  if (isChecked() || underMouse() || hasFocus()) {
    QColor wash = isChecked() ? accent : palette().color(QPalette::WindowText);
    wash.setAlphaF(isChecked() ? 0.18F : 0.07F);
    painter.setPen(hasFocus() ? QPen(accent, 1) : QPen(Qt::NoPen));
    painter.setBrush(wash);
    painter.drawRoundedRect(area, 5, 5);
  }
  const QColor ink = palette().color(QPalette::WindowText);
  theme::icon(icon_, isChecked() ? accent : theme::muted())
      .paint(&painter, QRect(area.left() + 9, area.center().y() - 9, 18, 18));
  QFont font = painter.font();
  font.setWeight(isChecked() ? QFont::DemiBold : QFont::Normal);
  painter.setFont(font);
  painter.setPen(ink);
  painter.drawText(area.adjusted(36, 0, -34, 0), Qt::AlignVCenter | Qt::AlignLeft, text());
  if (badge_ == 0) return;
  const QString count = QString::number(badge_);
  const int width = std::max(20, fontMetrics().horizontalAdvance(count) + 12);
  const QRect badge(area.right() - width - 6, area.center().y() - 9, width, 18);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme::tone(badgeTone_));
  painter.drawRoundedRect(badge, 9, 9);
  painter.setPen(theme::isDark() ? Qt::black : Qt::white);
  font.setWeight(QFont::DemiBold);
  font.setPointSizeF(font.pointSizeF() * 0.9);
  painter.setFont(font);
  painter.drawText(badge, Qt::AlignCenter, count);
}

SideBar::SideBar(Session& session) : session_(session) {
  setAutoFillBackground(true);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 10, 0, 10);
  layout->setSpacing(2);
  for (std::size_t i = 0; i < kPlaces.size(); ++i) {
    auto* button = new PlaceButton(QString::fromLatin1(kPlaces[i].icon),
                                   QString::fromLatin1(kPlaces[i].title), int(i) + 1);
    connect(button, &QAbstractButton::clicked, this, [this, i] { emit chosen(Place(i)); });
    layout->addWidget(button);
    buttons_ << button;
  }
  layout->addStretch();
  badgeTimer_.setSingleShot(true);
  badgeTimer_.setInterval(300);
  connect(&badgeTimer_, &QTimer::timeout, this, &SideBar::refreshBadges);
  connect(&session, &Session::updated, this, [this] {
    if (!badgeTimer_.isActive()) badgeTimer_.start();
  });
}

void SideBar::setCurrent(Place place) {
  buttons_[int(place)]->setChecked(true);
}

void SideBar::refreshBadges() {
  const client::LiveCache& cache = session_.cache();
  const base::Timestamp now = base::fromUnixMs(models::nowMs());
  int waiting = 0, rolling = 0, stuck = 0, down = 0;
  for (const auto& [key, object] : cache.table(client::Kind::kPlan)) {
    waiting += client::needsPerson(object->plan(), now) ? 1 : 0;
  }
  for (const auto& [key, object] : cache.table(client::Kind::kDeployment)) {
    const models::DeploymentHealth health = models::deploymentHealth(object->deployment());
    const bool isStuck = health.tone == models::Tone::kBad;
    rolling += health.isReplacing() || isStuck ? 1 : 0;
    stuck += isStuck ? 1 : 0;
  }
  for (const auto& [key, object] : cache.table(client::Kind::kNode)) {
    down += models::nodeHealth(object->node()).ready ? 0 : 1;
  }
  buttons_[int(Place::kChanges)]->setBadge(waiting, models::Tone::kWarning);
  buttons_[int(Place::kRollouts)]->setBadge(rolling,
                                            stuck > 0 ? models::Tone::kBad : models::Tone::kBusy);
  buttons_[int(Place::kNodes)]->setBadge(down, models::Tone::kBad);
}

}  // namespace gantry::desktop
