// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/holds_list.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "app/desktop/widgets/gated_button.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {

using models::qs;

HoldsList::HoldsList(Session& session, QWidget* parent)
    : QWidget(parent), session_(session), rows_(new QVBoxLayout(this)) {
  rows_->setContentsMargins(0, 0, 0, 0);
  rows_->setSpacing(2);
}

void HoldsList::refresh(const std::function<bool(const api::Hold&)>& scope) {
  std::vector<client::ObjectPtr> holds;
  for (const auto& [key, object] : session_.cache().table(client::Kind::kHold)) {
    if (!scope || scope(object->hold())) holds.push_back(object);
  }
  setVisible(!holds.empty());
  if (holds == shown_) return;
  shown_ = holds;
  while (QLayoutItem* item = rows_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  for (const client::ObjectPtr& object : holds) {
    const api::Hold& hold = object->hold();
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    QLabel* label = plainLabel(
        QStringLiteral("⚑ %1: %2 is held back by %3 since %4: %5")
            .arg(qs(hold.application()), models::shortCommit(hold.commit()), qs(hold.by()),
                 models::clock(hold.at(), models::nowMs()), qs(hold.reason())),
        true);
    layout->addWidget(label, 1);
    auto* lift = new GatedButton(QStringLiteral("Lift hold…"), session_, Role::kOperator);
    lift->setHint(QStringLiteral("Lets %1 be applied to %2 again")
                      .arg(models::shortCommit(hold.commit()), qs(hold.application())));
    connect(lift, &QPushButton::clicked, this,
            [this, key = client::keyOf(*object)] { emit liftWanted(key); });
    layout->addWidget(lift);
    rows_->addWidget(row);
  }
}

}  // namespace gantry::desktop
