// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/theme.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QHash>
#include <QPainter>
#include <QProxyStyle>
#include <QStyleOption>
#include <QSvgRenderer>
#include <array>
#include <utility>

namespace gantry::desktop::theme {
namespace {

QPalette makePalette(bool dark) {
  const QColor window(dark ? 0x1f2228 : 0xf5f6f8);
  const QColor base(dark ? 0x17191e : 0xffffff);
  const QColor alternate(dark ? 0x1b1e24 : 0xf8f9fb);
  const QColor text(dark ? 0xe4e7ec : 0x1d2127);
  const QColor button(dark ? 0x2b2f37 : 0xffffff);
  const QColor accent(dark ? 0x3d7be0 : 0x2563c9);
  QPalette palette(button, window);
  for (const auto group : {QPalette::Active, QPalette::Inactive, QPalette::Disabled}) {
    const bool disabled = group == QPalette::Disabled;
    const QColor ink = disabled ? QColor(dark ? 0x7b818c : 0x8a9099) : text;
    palette.setColor(group, QPalette::Window, window);
    palette.setColor(group, QPalette::Base, base);
    palette.setColor(group, QPalette::AlternateBase, alternate);
    palette.setColor(group, QPalette::Button, button);
    palette.setColor(group, QPalette::WindowText, ink);
    palette.setColor(group, QPalette::Text, ink);
    palette.setColor(group, QPalette::ButtonText, ink);
    palette.setColor(group, QPalette::PlaceholderText, QColor(dark ? 0x8b919c : 0x767c86));
    palette.setColor(group, QPalette::Highlight, disabled ? QColor(0x7b818c) : accent);
    palette.setColor(group, QPalette::HighlightedText, Qt::white);
    palette.setColor(group, QPalette::Link, accent);
    palette.setColor(group, QPalette::ToolTipBase, QColor(dark ? 0x2b2f37 : 0xffffff));
    palette.setColor(group, QPalette::ToolTipText, text);
  }
  return palette;
}

// Fusion outlines an indicator with a darker window colour, which nobody sees on a dark window.
class Style : public QProxyStyle {
 public:
  Style() : QProxyStyle(QStringLiteral("Fusion")) {}

  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override {
    const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
    if (element != PE_IndicatorCheckBox || !button || !isDark()) {
      return QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
    QStyleOptionButton outlined = *button;
    outlined.palette.setColor(QPalette::Window, muted());
    QProxyStyle::drawPrimitive(element, &outlined, painter, widget);
  }
};

QColor pick(QRgb light, QRgb dark) {
  return QColor(isDark() ? dark : light);
}

QIcon drawIcon(const QString& name, const QColor& ink) {
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  if (!file.open(QIODevice::ReadOnly)) return {};
  QSvgRenderer renderer(file.readAll().replace("currentColor", ink.name().toUtf8()));
  QIcon icon;
  for (const int size : {16, 20, 24, 32, 48, 64}) {
    QPixmap pixmap(size, size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    icon.addPixmap(pixmap);
  }
  return icon;
}

}  // namespace

void apply(Scheme scheme) {
  static const QPalette system = QApplication::palette();
  const bool systemDark = system.color(QPalette::Window).lightness() < 128;
  QApplication::setStyle(new Style);
  QApplication::setPalette(
      makePalette(scheme == Scheme::kDark || (scheme == Scheme::kSystem && systemDark)));
}

bool isDark() {
  return QApplication::palette().color(QPalette::Window).lightness() < 128;
}

QColor tone(models::Tone tone) {
  switch (tone) {
    case models::Tone::kGood:
      return pick(0x1a7f37, 0x4cc466);
    case models::Tone::kBusy:
      return pick(0x0b62c4, 0x6cb0ff);
    case models::Tone::kWarning:
      return pick(0x8f5e00, 0xe0ab3a);
    case models::Tone::kBad:
      return pick(0xc01f2b, 0xff7b72);
    case models::Tone::kNeutral:
      break;
  }
  return muted();
}

QColor toneWash(models::Tone which) {
  QColor color = tone(which);
  color.setAlphaF(isDark() ? 0.20F : 0.12F);
  return color;
}

QColor muted() {
  return pick(0x626973, 0x9aa1ac);
}
QColor line() {
  return pick(0xdadde2, 0x343841);
}
QColor panel() {
  return pick(0xeceef2, 0x191b20);
}

QColor removedLine() {
  return pick(0xffe9e9, 0x3a1d20);
}
QColor addedLine() {
  return pick(0xe4f6e7, 0x17301d);
}
QColor removedWord() {
  return pick(0xffb8ba, 0x7d2b31);
}
QColor addedWord() {
  return pick(0xa5e3b1, 0x23662f);
}

QIcon icon(const QString& name, const QColor& color) {
  const QColor ink = color.isValid() ? color : QApplication::palette().color(QPalette::WindowText);
  // Drawn once a colour: buttons ask for it each time they paint.
  static QHash<std::pair<QString, QRgb>, QIcon> drawn;
  QIcon& icon = drawn[{name, ink.rgb()}];
  if (icon.isNull()) icon = drawIcon(name, ink);
  return icon;
}

QFont codeFont() {
  QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  font.setStyleHint(QFont::Monospace);
  font.setPointSizeF(QApplication::font().pointSizeF());
  return font;
}

QColor contextColor(const std::string& configured, const std::string& name) {
  if (const QColor color(QString::fromStdString(configured)); color.isValid()) return color;
  static constexpr std::array<QRgb, 6> kColors = {0x2563c9, 0x0f766e, 0x7c3aed,
                                                  0xa16207, 0x0e7490, 0x4d7c0f};
  // Not std::hash: the colour of a name should be the same everywhere.
  std::size_t sum = 0;
  for (const char c : name) sum = sum * 31 + static_cast<unsigned char>(c);
  return QColor(kColors[sum % kColors.size()]);
}

QColor textOn(const QColor& background) {
  const double luminance = 0.2126 * background.redF() * background.redF() +
                           0.7152 * background.greenF() * background.greenF() +
                           0.0722 * background.blueF() * background.blueF();
  return luminance > 0.4 ? Qt::black : Qt::white;
}

}  // namespace gantry::desktop::theme
