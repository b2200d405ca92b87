// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/header_bar.h"

#include <QEvent>
#include <QHBoxLayout>

#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

models::Tone toneOf(client::Freshness state) {
  switch (state) {
    case client::Freshness::kLive:
      return models::Tone::kGood;
    case client::Freshness::kLagging:
      return models::Tone::kWarning;
    case client::Freshness::kStale:
    case client::Freshness::kOffline:
      return models::Tone::kBad;
    default:
      return models::Tone::kBusy;
  }
}

QString explain(const client::FreshnessReport& report) {
  using client::Freshness;
  QString text;
  switch (report.state) {
    case Freshness::kLive:
      return QStringLiteral("What is shown is what the controller said that long ago");
    case Freshness::kLagging:
      text = QStringLiteral("More arrives than can be shown at once");
      break;
    case Freshness::kStale:
    case Freshness::kOffline:
      text = QStringLiteral(
          "The link is lost; this is the last snapshot. Nothing can be changed until it is back");
      break;
    case Freshness::kResync:
      text = QStringLiteral("Fetching what changed meanwhile");
      break;
    case Freshness::kConnecting:
      text = QStringLiteral("Nothing has been heard from the controller yet");
      break;
  }
  return report.error.empty() ? text : text + '\n' + models::qs(report.error);
}

}  // namespace

HeaderBar::HeaderBar(Session& session)
    : session_(session),
      cluster_(new QLabel),
      lock_(new QPushButton),
      search_(new QPushButton(QStringLiteral("Search or command        Ctrl+K"))),
      bell_(new QPushButton),
      freshness_(toneBadge({}, models::Tone::kBusy)) {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(10, 6, 10, 6);
  layout->setSpacing(10);
  cluster_->setTextFormat(Qt::PlainText);
  layout->addWidget(cluster_);
  lock_->setFlat(true);
  lock_->setFocusPolicy(Qt::TabFocus);
  connect(lock_, &QPushButton::clicked, this,
          [this] { session_.setReadOnly(!session_.isReadOnly()); });
  layout->addWidget(lock_);
  layout->addStretch(1);
  search_->setMinimumWidth(340);
  search_->setFocusPolicy(Qt::TabFocus);
  search_->setForegroundRole(QPalette::PlaceholderText);
  connect(search_, &QPushButton::clicked, this, &HeaderBar::paletteWanted);
  layout->addWidget(search_);
  layout->addStretch(1);
  bell_->setFlat(true);
  bell_->setFocusPolicy(Qt::TabFocus);
  connect(bell_, &QPushButton::clicked, this, &HeaderBar::noticesWanted);
  layout->addWidget(bell_);
  setUnread(0);
  freshness_->setAccessibleName(QStringLiteral("Freshness"));
  layout->addWidget(freshness_);
  connect(&session, &Session::serverInfoChanged, this, &HeaderBar::refreshCluster);
  connect(&session, &Session::gateChanged, this, &HeaderBar::refreshCluster);
  connect(&session, &Session::freshnessChanged, this, &HeaderBar::refreshFreshness);
  drawIcons();
  refreshCluster();
  refreshFreshness();
}

void HeaderBar::setUnread(int unread) {
  bell_->setText(unread == 0 ? QString() : QString::number(unread));
  bell_->setAccessibleName(QStringLiteral("Notices"));
  bell_->setToolTip(unread == 0 ? QStringLiteral("Notices")
                                : models::counted(unread, QStringLiteral("new notice")));
}

void HeaderBar::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() != QEvent::PaletteChange) return;
  drawIcons();
  refreshCluster();
}

void HeaderBar::drawIcons() {
  search_->setIcon(theme::icon(QStringLiteral("search"), theme::muted()));
  bell_->setIcon(theme::icon(QStringLiteral("bell"), theme::muted()));
}

void HeaderBar::refreshCluster() {
  const client::Context& context = session_.context();
  const QColor color = theme::contextColor(context.color, context.name);
  QString text = session_.clusterName();
  if (context.production) text += QStringLiteral("  ·  PRODUCTION");
  cluster_->setText(text);
  cluster_->setToolTip(models::qs(context.server));
  cluster_->setStyleSheet(
      QStringLiteral(
          "background: %1; color: %2; border-radius: 4px; padding: 4px 12px; font-weight: 600;")
          .arg(color.name(), theme::textOn(color).name()));
  const bool locked = session_.isReadOnly();
  lock_->setText(locked ? QStringLiteral("read-only") : QStringLiteral("unlocked"));
  lock_->setIcon(
      theme::icon(locked ? QStringLiteral("lock") : QStringLiteral("unlock"), theme::muted()));
  lock_->setToolTip(!locked ? QStringLiteral("Make it read-only here (Ctrl+Shift+R)")
                    : session_.opensLocked()
                        ? QStringLiteral("Unlock for 15 minutes (Ctrl+Shift+R)")
                        : QStringLiteral("Unlock (Ctrl+Shift+R)"));
  lock_->setVisible(locked || session_.opensLocked());
}

void HeaderBar::refreshFreshness() {
  const client::FreshnessReport report = session_.freshness();
  setToneBadge(*freshness_, session_.freshnessText(), toneOf(report.state));
  freshness_->setToolTip(explain(report));
}

}  // namespace gantry::desktop
