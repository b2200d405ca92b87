// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QFrame>
#include <QStringList>

#include "app/models/health.h"

class QLabel;
class QScrollArea;

namespace gantry::desktop {

/// Some lines of plain text that leave room for what is below: the first few are in sight, the
/// others are counted, and scrolled to. Hidden while there is none.
class LineBox : public QFrame {
  Q_OBJECT

 public:
  /// `most`: how many lines are in sight.
  explicit LineBox(int most = 6, QWidget* parent = nullptr);

  void setLines(const QStringList& lines);

  /// A wash of that colour behind the lines.
  void setWash(models::Tone tone);
  /// The lines in that colour.
  void setInk(models::Tone tone);

 protected:
  /// What the lines have room in is laid out after this.
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void fit();

  const int most_;
  int count_ = 0;
  QScrollArea* scroll_;
  QLabel* lines_;
  QLabel* more_;
};

}  // namespace gantry::desktop
