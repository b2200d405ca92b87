// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/line_box.h"

#include <QEvent>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"

namespace gantry::desktop {

LineBox::LineBox(int most, QWidget* parent)
    : QFrame(parent),
      most_(most),
      scroll_(new QScrollArea),
      lines_(plainLabel({}, true)),
      more_(mutedLabel({})) {
  setObjectName(QStringLiteral("lineBox"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  lines_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  scroll_->setWidget(lines_);
  scroll_->setWidgetResizable(true);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setFocusPolicy(Qt::NoFocus);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  // The wash is the box's own.
  scroll_->viewport()->setAutoFillBackground(false);
  lines_->setAutoFillBackground(false);
  scroll_->viewport()->installEventFilter(this);
  layout->addWidget(scroll_);
  layout->addWidget(more_);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
  setVisible(false);
}

void LineBox::setLines(const QStringList& lines) {
  lines_->setText(lines.join('\n'));
  count_ = int(lines.size());
  const int more = count_ - most_;
  if (more > 0) more_->setText(QStringLiteral("and %1 more").arg(more));
  more_->setVisible(more > 0);
  setVisible(!lines.isEmpty());
  fit();
}

void LineBox::setWash(models::Tone tone) {
  layout()->setContentsMargins(8, 4, 4, 4);
  const QColor wash = theme::toneWash(tone);
  setStyleSheet(QStringLiteral("#lineBox { background: rgba(%1,%2,%3,%4); border-radius: 4px; }")
                    .arg(wash.red())
                    .arg(wash.green())
                    .arg(wash.blue())
                    .arg(wash.alpha()));
}

void LineBox::setInk(models::Tone tone) {
  lines_->setStyleSheet(QStringLiteral("color: %1").arg(theme::tone(tone).name()));
}

void LineBox::fit() {
  const int all = std::max(0, lines_->heightForWidth(std::max(1, scroll_->viewport()->width())));
  // Where some are wrapped, that many lines of the middle height.
  scroll_->setFixedHeight(count_ > most_ ? all * most_ / count_ : all);
}

bool LineBox::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize) fit();
  return QFrame::eventFilter(watched, event);
}

}  // namespace gantry::desktop
