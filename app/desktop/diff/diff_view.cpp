// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/diff/diff_view.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <algorithm>

#include "app/desktop/diff/diff_accessible.h"
#include "app/desktop/theme.h"

namespace gantry::desktop {

using models::DiffRow;
using models::DiffSide;

DiffView::DiffView(QWidget* parent) : QAbstractScrollArea(parent) {
  setFont(theme::codeFont());
  setFrameShape(NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(QStringLiteral("Differences"));
  makeDiffsAccessible();
  viewport()->setBackgroundRole(QPalette::Base);
  viewport()->setAutoFillBackground(true);
}

void DiffView::setTexts(const QString& before, const QString& after) {
  if (before == before_ && after == after_) return;
  before_ = before;
  after_ = after;
  unfolded_ = false;
  change_ = 0;
  rebuild();
  verticalScrollBar()->setValue(0);
  horizontalScrollBar()->setValue(0);
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
  setCurrentChange(change_);
  QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&changed);
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

int DiffView::lineOfRow(int row) const {
  const auto found =
      std::ranges::find_if(lines_, [row](const Line& line) { return line.row >= row; });
  return int(found - lines_.begin());
}

void DiffView::scrollToLine(int line) {
  verticalScrollBar()->setValue(std::max(0, line - 3));
}

bool DiffView::isInSight(int line) const {
  return line >= firstVisible() && line < firstVisible() + verticalScrollBar()->pageStep();
}

void DiffView::setCurrentChange(int change) {
  change_ = change;
  runEnd_ = 0;
  if (change_ < 0 || change_ >= int(diff_.changes.size())) return;
  runEnd_ = diff_.changes[std::size_t(change_)];
  const int count = int(diff_.rows.size());
  while (runEnd_ < count && diff_.rows[std::size_t(runEnd_)].kind == DiffRow::Kind::kChanged) {
    ++runEnd_;
  }
  viewport()->update();
}

bool DiffView::isCurrent(int row) const {
  return runEnd_ > 0 && row >= diff_.changes[std::size_t(change_)] && row < runEnd_;
}

bool DiffView::stepTo(int change) {
  if (change < 0 || change >= int(diff_.changes.size())) return false;
  setCurrentChange(change);
  const int row = diff_.changes[std::size_t(change)];
  scrollToLine(lineOfRow(row));
  scrollSideways(diff_.rows[std::size_t(row)]);
  return true;
}

void DiffView::scrollSideways(const DiffRow& row) {
  const bool right = row.right.number >= 0;
  const DiffSide& side = right ? row.right : row.left;
  const QString& text = (right ? diff_.rightLines : diff_.leftLines)[side.number];
  const int start = side.changed.empty() ? 0 : side.changed.front().start;
  const int x = fontMetrics().horizontalAdvance(text.left(start));
  QScrollBar* bar = horizontalScrollBar();
  const int some = 8 * fontMetrics().horizontalAdvance('0');
  if (x < bar->value() || x > bar->value() + bar->pageStep() - some) {
    bar->setValue(x + some < bar->pageStep() ? 0 : x - some);
  }
}

bool DiffView::nextChange() {
  const auto& changes = diff_.changes;
  if (runEnd_ > 0 && isInSight(lineOfRow(changes[std::size_t(change_)])))
    return stepTo(change_ + 1);
  // Somebody has scrolled away: the next one is that which follows what is in sight.
  const auto next =
      std::ranges::find_if(changes, [this](int row) { return lineOfRow(row) >= firstVisible(); });
  return stepTo(int(next - changes.begin()));
}

bool DiffView::previousChange() {
  const auto& changes = diff_.changes;
  if (runEnd_ > 0 && isInSight(lineOfRow(changes[std::size_t(change_)])))
    return stepTo(change_ - 1);
  const auto next =
      std::ranges::find_if(changes, [this](int row) { return lineOfRow(row) >= firstVisible(); });
  return stepTo(int(next - changes.begin()) - 1);
}

QString DiffView::textOf(Part part) const {
  if (part == Part::kBefore) return before_;
  // Of a text that is shown whole there is no patch.
  if (part == Part::kAfter || before_ == after_) return after_;
  return QStringLiteral("--- %1\n+++ %2\n").arg(leftTitle_, rightTitle_) +
         models::patchText(before_, after_);
}

void DiffView::copy(Part part) const {
  QApplication::clipboard()->setText(textOf(part));
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
    models::unfold(diff_, lines_[std::size_t(index)].row);
    layoutLines();
    setCurrentChange(change_);
  }
}

void DiffView::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  const auto add = [&](const QString& text, const QString& key, auto slot) {
    menu.addAction(key.isEmpty() ? text : text + '\t' + key, this, slot);
  };
  if (before_ != after_) {
    add(QStringLiteral("Copy as a patch"), QStringLiteral("Ctrl+C"),
        [this] { copy(Part::kPatch); });
    add(QStringLiteral("Copy what is on the left"), {}, [this] { copy(Part::kBefore); });
    add(QStringLiteral("Copy what is on the right"), {}, [this] { copy(Part::kAfter); });
    menu.addSeparator();
    add(unfolded_ ? QStringLiteral("Show only what is near a change")
                  : QStringLiteral("Show all lines"),
        QStringLiteral("Enter"), [this] { setUnfolded(!unfolded_); });
  } else {
    add(QStringLiteral("Copy"), QStringLiteral("Ctrl+C"), [this] { copy(Part::kAfter); });
  }
  menu.exec(event->globalPos());
}

void DiffView::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) return copy(Part::kPatch);
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
