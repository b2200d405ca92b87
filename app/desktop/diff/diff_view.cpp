// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/diff/diff_view.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>

#include "app/desktop/theme.h"

namespace gantry::desktop {
namespace {

constexpr int kPadding = 6;
constexpr int kOverviewWidth = 8;

using models::DiffRow;
using models::DiffSide;

}  // namespace

DiffView::DiffView(QWidget* parent) : QAbstractScrollArea(parent) {
  setFont(theme::codeFont());
  setFrameShape(NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(QStringLiteral("Differences"));
  viewport()->setBackgroundRole(QPalette::Base);
  viewport()->setAutoFillBackground(true);
}

void DiffView::setTexts(const QString& before, const QString& after) {
  if (before == before_ && after == after_) return;
  before_ = before;
  after_ = after;
  unfolded_ = false;
  rebuild();
  verticalScrollBar()->setValue(0);
}

void DiffView::setText(const QString& text) {
  if (text == before_ && text == after_) return;
  before_ = after_ = text;
  unfolded_ = true;
  sideBySide_ = false;
  rebuild();
}

void DiffView::setTitles(const QString& left, const QString& right) {
  leftTitle_ = left;
  rightTitle_ = right;
  viewport()->update();
}

void DiffView::setSideBySide(bool on) {
  sideBySide_ = on;
  layoutLines();
}

void DiffView::setUnfolded(bool on) {
  unfolded_ = on;
  const int first = firstVisible();
  const int row = first < int(lines_.size()) ? lines_[std::size_t(first)].row : 0;
  const int number = row < int(diff_.rows.size()) ? diff_.rows[std::size_t(row)].right.number : 0;
  rebuild();
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (diff_.rows[std::size_t(lines_[i].row)].right.number >= number) {
      verticalScrollBar()->setValue(int(i));
      break;
    }
  }
}

void DiffView::rebuild() {
  diff_ = models::diffTexts(before_, after_, unfolded_ ? -1 : 3);
  leftFormats_ = CodeHighlighter::highlightYaml(diff_.leftLines);
  rightFormats_ = CodeHighlighter::highlightYaml(diff_.rightLines);
  layoutLines();
}

void DiffView::layoutLines() {
  lines_.clear();
  const int count = int(diff_.rows.size());
  for (int row = 0; row < count; ++row) {
    if (sideBySide_ || diff_.rows[std::size_t(row)].kind != DiffRow::Kind::kChanged) {
      lines_.push_back({row, sideBySide_, true});
      continue;
    }
    // Inline: a run of changed rows shows all that goes, then all that comes.
    int end = row;
    while (end < count && diff_.rows[std::size_t(end)].kind == DiffRow::Kind::kChanged) ++end;
    for (int i = row; i < end; ++i) {
      if (diff_.rows[std::size_t(i)].left.number >= 0) lines_.push_back({i, true, false});
    }
    for (int i = row; i < end; ++i) {
      if (diff_.rows[std::size_t(i)].right.number >= 0) lines_.push_back({i, false, true});
    }
    row = end - 1;
  }
  updateScrollBars();
  viewport()->update();
}

int DiffView::rowHeight() const {
  return fontMetrics().height() + 3;
}

int DiffView::numberWidth() const {
  const auto lines = std::max(diff_.leftLines.size(), diff_.rightLines.size());
  return fontMetrics().horizontalAdvance('0') * std::max(3, int(QString::number(lines).size())) +
         2 * kPadding;
}

int DiffView::firstVisible() const {
  return verticalScrollBar()->value();
}

void DiffView::updateScrollBars() {
  const int visible = std::max(1, viewport()->height() / rowHeight() - 1);
  verticalScrollBar()->setRange(0, std::max(0, int(lines_.size()) - visible));
  verticalScrollBar()->setPageStep(visible);
  int widest = 0;
  for (const QStringList& side : {diff_.leftLines, diff_.rightLines}) {
    for (const QString& line : side) widest = std::max(widest, int(line.size()));
  }
  const int textWidth = (viewport()->width() - kOverviewWidth) / (sideBySide_ ? 2 : 1) -
                        numberWidth() * (sideBySide_ ? 1 : 2) - 3 * kPadding;
  const int needed = widest * fontMetrics().horizontalAdvance('0');
  horizontalScrollBar()->setRange(0, std::max(0, needed - textWidth));
  horizontalScrollBar()->setPageStep(std::max(1, textWidth));
  horizontalScrollBar()->setSingleStep(fontMetrics().horizontalAdvance('0') * 4);
}

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

int DiffView::lineOfRow(int row) const {
  const auto found =
      std::ranges::find_if(lines_, [row](const Line& line) { return line.row >= row; });
  return int(found - lines_.begin());
}

void DiffView::scrollToLine(int line) {
  verticalScrollBar()->setValue(std::max(0, line - 3));
}

bool DiffView::nextChange() {
  for (const int row : diff_.changes) {
    const int line = lineOfRow(row);
    if (line > firstVisible() + 3 && firstVisible() < verticalScrollBar()->maximum()) {
      scrollToLine(line);
      return true;
    }
  }
  return false;
}

bool DiffView::previousChange() {
  for (auto row = diff_.changes.rbegin(); row != diff_.changes.rend(); ++row) {
    const int line = lineOfRow(*row);
    if (line < firstVisible() + 3) {
      scrollToLine(line);
      return true;
    }
  }
  return false;
}

QString DiffView::visibleText() const {
  QStringList shown;
  for (const Line& line : lines_) {
    const DiffRow& row = diff_.rows[std::size_t(line.row)];
    if (row.kind == DiffRow::Kind::kHidden) {
      shown << QStringLiteral("⋯ %1 lines · %2").arg(row.hidden).arg(row.path);
      continue;
    }
    const QString mark = row.kind == DiffRow::Kind::kSame ? QStringLiteral("  ") : QString();
    if (line.left && row.left.number >= 0 && row.kind == DiffRow::Kind::kChanged) {
      shown << QStringLiteral("- ") + diff_.leftLines[row.left.number];
    }
    if (line.right && row.right.number >= 0) {
      shown << (mark.isEmpty() ? QStringLiteral("+ ") : mark) + diff_.rightLines[row.right.number];
    }
  }
  return shown.join('\n');
}

void DiffView::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  updateScrollBars();
}

void DiffView::mousePressEvent(QMouseEvent* event) {
  const int index = firstVisible() + int(event->position().y()) / rowHeight() - 1;
  if (index < 0 || index >= int(lines_.size())) return;
  if (diff_.rows[std::size_t(lines_[std::size_t(index)].row)].kind == DiffRow::Kind::kHidden) {
    setUnfolded(true);
  }
}

void DiffView::keyPressEvent(QKeyEvent* event) {
  QScrollBar* bar = verticalScrollBar();
  switch (event->key()) {
    case Qt::Key_Down:
      bar->setValue(bar->value() + 1);
      break;
    case Qt::Key_Up:
      bar->setValue(bar->value() - 1);
      break;
    case Qt::Key_PageDown:
      bar->setValue(bar->value() + bar->pageStep());
      break;
    case Qt::Key_PageUp:
      bar->setValue(bar->value() - bar->pageStep());
      break;
    case Qt::Key_Home:
      bar->setValue(0);
      break;
    case Qt::Key_End:
      bar->setValue(bar->maximum());
      break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      setUnfolded(!unfolded_);
      break;
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

void DiffView::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) rebuild();
}

}  // namespace gantry::desktop
