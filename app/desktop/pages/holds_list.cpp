// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/holds_list.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/widgets/gated_button.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {

using models::qs;

namespace {

constexpr int kTallest = 112;

}  // namespace

HoldsList::HoldsList(Session& session, QWidget* parent) : QScrollArea(parent), session_(session) {
  auto* content = new QWidget;
  rows_ = new QVBoxLayout(content);
  rows_->setContentsMargins(0, 0, 0, 0);
  rows_->setSpacing(2);
  setWidget(content);
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  setAccessibleName(QStringLiteral("Holds"));
}

void HoldsList::refresh(const std::function<bool(const api::Hold&)>& scope) {
  std::vector<client::ObjectPtr> holds;
  for (const auto& [key, object] : session_.cache().table(client::Kind::kHold)) {
    if (!scope || scope(object->hold())) holds.push_back(object);
  }
  setVisible(!holds.empty());
  if (holds == shown_) return;
  shown_ = holds;
  clear();
  for (const client::ObjectPtr& object : holds) rows_->addWidget(makeRow(object));
  fitHeight();
}

void HoldsList::clear() {
  while (QLayoutItem* item = rows_->takeAt(0)) {
    // Not at once: one of its buttons may be what was clicked.
    item->widget()->hide();
    item->widget()->deleteLater();
    delete item;
  }
}

QWidget* HoldsList::makeRow(const client::ObjectPtr& object) {
  const api::Hold& hold = object->hold();
  auto* row = new QWidget;
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  QLabel* label =
      plainLabel(QStringLiteral("⚑ %1: %2 is held back by %3 since %4: %5")
                     .arg(qs(hold.application()), models::shortCommit(hold.commit()), qs(hold.by()),
                          models::clock(hold.at(), models::nowMs()), qs(hold.reason())),
                 true);
  layout->addWidget(label, 1);
  auto* lift = new GatedButton(QStringLiteral("Lift hold…"), session_, Role::kOperator);
  lift->setHint(QStringLiteral("Lets %1 be applied to %2 again")
                    .arg(models::shortCommit(hold.commit()), qs(hold.application())));
  // Queued: the button may be gone when the dialog that this opens is answered.
  connect(
      lift, &QPushButton::clicked, this,
      [this, key = client::keyOf(*object)] { emit liftWanted(key); }, Qt::QueuedConnection);
  layout->addWidget(lift);
  return row;
}

// Lines are wrapped: how tall the rows are depends on the width.
void HoldsList::fitHeight() {
  const int width = viewport()->width();
  const int tall =
      rows_->hasHeightForWidth() ? rows_->heightForWidth(width) : rows_->sizeHint().height();
  setFixedHeight(std::min(kTallest, tall));
}

void HoldsList::resizeEvent(QResizeEvent* event) {
  QScrollArea::resizeEvent(event);
  fitHeight();
}

}  // namespace gantry::desktop
