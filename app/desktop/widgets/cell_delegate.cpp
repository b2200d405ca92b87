// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/cell_delegate.h"

#include <QApplication>
#include <QPainter>
#include <algorithm>

#include "app/desktop/theme.h"
#include "app/models/object_table.h"

namespace gantry::desktop {
namespace {

constexpr int kBarWidth = 64;
constexpr int kBarHeight = 8;
constexpr int kMargin = 6;

void paintBar(QPainter& painter, const QRect& area, double value, const QColor& color) {
  const QRectF track(area.left(), area.center().y() - kBarHeight / 2.0 + 0.5, kBarWidth,
                     kBarHeight);
  QRectF filled = track;
  filled.setWidth(track.width() * std::clamp(value, 0.0, 1.0));
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme::line());
  painter.drawRoundedRect(track, 2, 2);
  painter.setBrush(color);
  painter.drawRoundedRect(filled, 2, 2);
  painter.restore();
}

}  // namespace

void CellDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                         const QModelIndex& index) const {
  const QStyle* style = option.widget != nullptr ? option.widget->style() : QApplication::style();
  style->drawPrimitive(QStyle::PE_PanelItemViewItem, &option, painter, option.widget);

  const auto tone = static_cast<models::Tone>(index.data(models::ToneRole).toInt());
  const bool selected = option.state.testFlag(QStyle::State_Selected);
  QColor color = option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text);
  if (tone != models::Tone::kNeutral && !selected) color = theme::tone(tone);

  QRect area = option.rect.adjusted(kMargin, 0, -kMargin, 0);
  if (const QVariant bar = index.data(models::BarRole); bar.isValid()) {
    paintBar(*painter, area, bar.toDouble(), theme::tone(tone));
    area.setLeft(area.left() + kBarWidth + kMargin);
    color = option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text);
  }
  painter->setFont(option.font);
  painter->setPen(color);
  const auto alignment = index.data(Qt::TextAlignmentRole).value<Qt::Alignment>();
  const QString text = index.data().toString();
  painter->drawText(
      area, int(alignment ? alignment : Qt::AlignLeft | Qt::AlignVCenter) | Qt::TextSingleLine,
      option.fontMetrics.elidedText(text, Qt::ElideRight, area.width()));
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
  return {80, option.fontMetrics.height() + 10};
}

}  // namespace gantry::desktop
