// SPDX-License-Identifier: Apache-2.0
// How DiffView draws its lines.
#include <QPainter>
#include <QScrollBar>
#include <algorithm>

#include "app/desktop/diff/diff_view.h"
#include "app/desktop/theme.h"

namespace gantry::desktop {

using models::DiffRow;
using models::DiffSide;

void DiffView::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.setFont(font());
  const int height = rowHeight();
  int y = height;
  for (int line = firstVisible(); line < int(lines_.size()) && y < viewport()->height(); ++line) {
    paintLine(painter, lines_[std::size_t(line)], y);
    y += height;
  }
  paintHeader(painter);
  paintOverview(painter);
}

void DiffView::paintHeader(QPainter& painter) const {
  const QRect area(0, 0, viewport()->width(), rowHeight());
  painter.fillRect(area, theme::panel());
  painter.setPen(theme::muted());
  QString path;
  if (firstVisible() < int(lines_.size())) {
    const DiffRow& row = diff_.rows[std::size_t(lines_[std::size_t(firstVisible())].row)];
    const bool right = row.right.number >= 0;
    path = models::yamlPath(right ? diff_.rightLines : diff_.leftLines,
                            right ? row.right.number : row.left.number);
  }
  const QFontMetrics metrics = painter.fontMetrics();
  const int half = viewport()->width() / 2;
  const QString rightText =
      path.isEmpty() ? rightTitle_ : rightTitle_ + QStringLiteral("     ") + path;
  if (sideBySide_) {
    painter.drawText(area.adjusted(kPadding, 0, -half, 0), Qt::AlignVCenter, leftTitle_);
    painter.drawText(QRect(half + kPadding, 0, half - 2 * kPadding, area.height()),
                     Qt::AlignVCenter,
                     metrics.elidedText(rightText, Qt::ElideMiddle, half - 2 * kPadding));
  } else {
    painter.drawText(
        area.adjusted(kPadding, 0, -kPadding, 0), Qt::AlignVCenter,
        (leftTitle_.isEmpty() ? QString() : leftTitle_ + QStringLiteral(" → ")) + rightText);
  }
}

void DiffView::paintLine(QPainter& painter, const Line& line, int y) const {
  const DiffRow& row = diff_.rows[std::size_t(line.row)];
  const int width = viewport()->width() - kOverviewWidth;
  const QRect whole(0, y, width, rowHeight());
  if (row.kind == DiffRow::Kind::kHidden) return paintHidden(painter, row, whole);
  paintSides(painter, line, whole);
  if (isCurrent(line.row)) {
    painter.fillRect(QRect(0, y, kCurrentWidth, rowHeight()), palette().color(QPalette::Highlight));
  }
}

void DiffView::paintSides(QPainter& painter, const Line& line, const QRect& whole) const {
  const DiffRow& row = diff_.rows[std::size_t(line.row)];
  const int width = whole.width(), y = whole.top();
  if (sideBySide_) {
    paintSide(painter, row, Side::kLeft, QRect(0, y, width / 2, rowHeight()));
    paintSide(painter, row, Side::kRight,
              QRect(width / 2 + 1, y, width - width / 2 - 1, rowHeight()));
    painter.setPen(theme::line());
    painter.drawLine(width / 2, y, width / 2, y + rowHeight());
    return;
  }
  paintSide(painter, row, line.right ? Side::kRight : Side::kLeft, whole);
}

void DiffView::paintHidden(QPainter& painter, const DiffRow& row, const QRect& area) const {
  painter.fillRect(area, theme::panel());
  painter.setPen(theme::muted());
  QString text = QStringLiteral("⋯ %1 lines").arg(row.hidden);
  if (!row.path.isEmpty()) text += QStringLiteral("  ·  ") + row.path;
  painter.drawText(
      area.adjusted(numberWidth() + 2 * kPadding, 0, -90, 0), Qt::AlignVCenter,
      painter.fontMetrics().elidedText(text, Qt::ElideMiddle, area.width() - numberWidth() - 110));
  painter.setPen(palette().color(QPalette::Link));
  painter.drawText(area.adjusted(0, 0, -2 * kPadding, 0), Qt::AlignVCenter | Qt::AlignRight,
                   QStringLiteral("expand"));
}

void DiffView::paintSide(QPainter& painter, const DiffRow& row, Side side,
                         const QRect& area) const {
  const bool left = side == Side::kLeft;
  const DiffSide& part = left ? row.left : row.right;
  const bool changed = row.kind == DiffRow::Kind::kChanged;
  if (part.number < 0) {
    painter.fillRect(area, QBrush(theme::line(), Qt::BDiagPattern));
    return;
  }
  if (changed) painter.fillRect(area, left ? theme::removedLine() : theme::addedLine());
  painter.setPen(theme::muted());
  const QRect numbers(area.left(), area.top(), numberWidth(), area.height());
  painter.drawText(numbers.adjusted(0, 0, -kPadding, 0), Qt::AlignRight | Qt::AlignVCenter,
                   QString::number(part.number + 1));
  // A sign beside the colour, for who does not see the colour.
  const QRect sign(numbers.right(), area.top(), 2 * kPadding, area.height());
  if (changed)
    painter.drawText(sign, Qt::AlignCenter, left ? QStringLiteral("−") : QStringLiteral("+"));

  const QString& text = (left ? diff_.leftLines : diff_.rightLines)[part.number];
  LineFormats formats = (left ? leftFormats_ : rightFormats_)[std::size_t(part.number)];
  QTextLayout layout(text, font());
  for (const models::Span& span : part.changed) {
    QTextCharFormat mark;
    mark.setBackground(left ? theme::removedWord() : theme::addedWord());
    formats.append({span.start, span.length, mark});
  }
  layout.setFormats(formats);
  layout.beginLayout();
  QTextLine line = layout.createLine();
  line.setLineWidth(1e6);
  layout.endLayout();
  painter.save();
  const QRect clip(sign.right(), area.top(), area.right() - sign.right(), area.height());
  painter.setClipRect(clip);
  painter.setPen(palette().color(QPalette::Text));
  layout.draw(&painter, QPointF(clip.left() - horizontalScrollBar()->value(), area.top() + 1));
  painter.restore();
}

void DiffView::paintOverview(QPainter& painter) const {
  const QRect strip(viewport()->width() - kOverviewWidth, rowHeight(), kOverviewWidth,
                    viewport()->height() - rowHeight());
  painter.fillRect(strip, theme::panel());
  if (lines_.empty()) return;
  const double scale = double(strip.height()) / double(lines_.size());
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const DiffRow& row = diff_.rows[std::size_t(lines_[i].row)];
    if (row.kind != DiffRow::Kind::kChanged) continue;
    const models::Tone tone = row.right.number >= 0 ? models::Tone::kGood : models::Tone::kBad;
    painter.fillRect(QRectF(strip.left() + 2, strip.top() + double(i) * scale, kOverviewWidth - 4,
                            std::max(2.0, scale)),
                     theme::tone(tone));
  }
}

}  // namespace gantry::desktop
