// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractScrollArea>
#include <vector>

#include "app/desktop/diff/code_highlighter.h"
#include "app/models/text_diff.h"

namespace gantry::desktop {

/// Two versions of a manifest, side by side or inline: rows of one height over a flat list, only
/// the visible ones laid out, so that 50,000 lines cost what 50 do. Folded lines show as a bar with
/// the YAML path of what follows; a click unfolds it, Enter all. The path of the topmost line stays
/// in sight, and the change that N and P have come to is marked at the edge. Overview marks stand
/// beside the scroll bar. Ctrl+C copies a patch; what is shown can be read by assistive technology.
class DiffView : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit DiffView(QWidget* parent = nullptr);

  /// Shows what differs. The titles stand over the sides: "Live now", "After approval".
  void setTexts(const QString& before, const QString& after);
  /// Shows one text whole: nothing differs.
  void setText(const QString& text);
  void setTitles(const QString& left, const QString& right);

  bool isSideBySide() const { return sideBySide_; }
  void setSideBySide(bool on);

  /// Scrolls to the change after or before the current one, sideways too; false at the end. After
  /// somebody scrolled away it is the one after or before what is in sight.
  bool nextChange();
  bool previousChange();

  /// Shows all lines, or only those near a change.
  void setUnfolded(bool on);

  int changeCount() const { return int(diff_.changes.size()); }
  /// From 0; of no meaning while there is none.
  int currentChange() const { return change_; }

  /// What is shown as text, a line each: "- " and "+ " before what goes and comes.
  QString visibleText() const;

  enum class Part { kBefore, kAfter, kPatch };
  /// A side whole, or what differs as a unified patch.
  QString textOf(Part part) const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  static constexpr int kPadding = 6;
  static constexpr int kOverviewWidth = 8;
  static constexpr int kCurrentWidth = 3;

  enum class Side { kLeft, kRight };
  /// One painted line: a row of the diff, or in the inline view one side of it.
  struct Line {
    int row;
    bool left;
    bool right;
  };

  void rebuild();
  void layoutLines();
  void updateScrollBars();
  int rowHeight() const;
  int numberWidth() const;
  int firstVisible() const;
  void paintHeader(QPainter& painter) const;
  void paintLine(QPainter& painter, const Line& line, int y) const;
  void paintSides(QPainter& painter, const Line& line, const QRect& whole) const;
  void paintHidden(QPainter& painter, const models::DiffRow& row, const QRect& area) const;
  void paintSide(QPainter& painter, const models::DiffRow& row, Side side, const QRect& area) const;
  void paintOverview(QPainter& painter) const;
  void scrollToLine(int line);
  void scrollSideways(const models::DiffRow& row);
  bool stepTo(int change);
  void setCurrentChange(int change);
  bool isCurrent(int row) const;
  bool isInSight(int line) const;
  void copy(Part part) const;
  int lineOfRow(int row) const;

  QString before_;
  QString after_;
  QString leftTitle_;
  QString rightTitle_;
  models::TextDiff diff_;
  std::vector<LineFormats> leftFormats_;
  std::vector<LineFormats> rightFormats_;
  std::vector<Line> lines_;
  bool sideBySide_ = true;
  bool unfolded_ = false;
  /// Which of diff_.changes is current, and the row after its run; 0: there is none.
  int change_ = 0;
  int runEnd_ = 0;
};

}  // namespace gantry::desktop
