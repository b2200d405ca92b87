// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/labels.h"

#include "app/desktop/session.h"
#include "app/desktop/theme.h"

namespace gantry::desktop {

QLabel* plainLabel(const QString& text, bool wrap) {
  auto* label = new QLabel(text);
  label->setTextFormat(Qt::PlainText);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  label->setWordWrap(wrap);
  return label;
}

QLabel* mutedLabel(const QString& text) {
  QLabel* label = plainLabel(text);
  // A role rather than a colour, so that it follows a change of the scheme.
  label->setForegroundRole(QPalette::PlaceholderText);
  return label;
}

QLabel* headline(const QString& text) {
  QLabel* label = plainLabel(text);
  QFont font = label->font();
  font.setPointSizeF(font.pointSizeF() * 1.35);
  font.setWeight(QFont::DemiBold);
  label->setFont(font);
  return label;
}

QLabel* toneBadge(const QString& text, models::Tone tone) {
  auto* badge = new QLabel;
  badge->setTextFormat(Qt::PlainText);
  badge->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Maximum);
  setToneBadge(*badge, text, tone);
  return badge;
}

void setToneBadge(QLabel& badge, const QString& text, models::Tone tone) {
  badge.setText(text);
  const QColor wash = theme::toneWash(tone);
  badge.setStyleSheet(
      QStringLiteral("color: %1; background: rgba(%2,%3,%4,%5); border-radius: 4px; "
                     "padding: 2px 7px; font-weight: 600;")
          .arg(theme::tone(tone).name())
          .arg(wash.red())
          .arg(wash.green())
          .arg(wash.blue())
          .arg(wash.alpha()));
}

QWidget* clusterStrip(Session& session) {
  const client::Context& context = session.context();
  const QColor color = theme::contextColor(context.color, context.name);
  QString text = session.clusterName();
  if (context.production) text += QStringLiteral("  ·  PRODUCTION");
  auto* strip = new QLabel(text);
  strip->setTextFormat(Qt::PlainText);
  strip->setStyleSheet(
      QStringLiteral("background: %1; color: %2; padding: 6px 20px; font-weight: 600;")
          .arg(color.name(), theme::textOn(color).name()));
  return strip;
}

}  // namespace gantry::desktop
