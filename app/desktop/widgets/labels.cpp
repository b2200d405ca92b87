// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/labels.h"

#include <QPainter>

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

QLabel* wrappedHeadline(const QString& text) {
  QLabel* label = headline(text);
  label->setWordWrap(true);
  return label;
}

namespace {

constexpr char kToneProperty[] = "tone";

/// Painted, not styled: a style sheet would keep the colours of the scheme that it was made in.
class Badge final : public QLabel {
 public:
  Badge() {
    QFont strong = font();
    strong.setWeight(QFont::DemiBold);
    setFont(strong);
    setContentsMargins(8, 2, 8, 2);
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    const auto tone = static_cast<models::Tone>(property(kToneProperty).toInt());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme::toneWash(tone));
    painter.drawRoundedRect(rect(), 4, 4);
    painter.setPen(theme::tone(tone));
    painter.drawText(contentsRect(), int(alignment()) | (wordWrap() ? Qt::TextWordWrap : 0),
                     text());
  }
};

}  // namespace

QLabel* toneBadge(const QString& text, models::Tone tone) {
  auto* badge = new Badge;
  badge->setTextFormat(Qt::PlainText);
  badge->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Maximum);
  setToneBadge(*badge, text, tone);
  return badge;
}

void setToneBadge(QLabel& badge, const QString& text, models::Tone tone) {
  badge.setText(text);
  badge.setProperty(kToneProperty, int(tone));
  badge.update();
}

}  // namespace gantry::desktop
