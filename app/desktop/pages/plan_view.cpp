// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/plan_view.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QVBoxLayout>

#include "app/client/plan_outline.h"
#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/plan_words.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::changeTitle;
using models::qs;

QString noteOn(const api::PlannedChange& change) {
  QStringList notes;
  if (!change.reason().empty()) notes << qs(change.reason());
  if (change.wave() != 0) notes << QStringLiteral("wave %1").arg(change.wave());
  return notes.join(QStringLiteral(", "));
}

}  // namespace

PlanView::PlanView(QWidget* parent, QWidget* keysIn)
    : QWidget(parent),
      effect_(plainLabel({}, true)),
      pinned_(new LineBox),
      viewedCount_(mutedLabel({})),
      objects_(new QListWidget),
      objectNote_(mutedLabel({})),
      diff_(new DiffView) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(6);
  QFont strong = effect_->font();
  strong.setWeight(QFont::DemiBold);
  effect_->setFont(strong);
  layout->addWidget(effect_);
  layout->addWidget(pinned_);

  auto* split = new QSplitter(Qt::Horizontal);
  objects_->setFrameShape(QFrame::NoFrame);
  objects_->setAccessibleName(QStringLiteral("Objects of the plan"));
  objects_->setTextElideMode(Qt::ElideMiddle);
  split->addWidget(objects_);
  split->addWidget(diff_);
  split->setStretchFactor(1, 1);
  split->setSizes({240, 670});
  layout->addWidget(split, 1);

  QLayout* tools = makeTools(keysIn == nullptr ? this : keysIn);
  layout->addLayout(tools);
  diff_->setTitles(QStringLiteral("Live now"), QStringLiteral("After approval"));
  connect(objects_, &QListWidget::currentRowChanged, this, &PlanView::showObject);
}

QLayout* PlanView::makeTools(QWidget* keysIn) {
  auto* tools = new QHBoxLayout;
  tools->addWidget(viewedCount_);
  tools->addWidget(objectNote_, 1);
  const auto onKey = [this, keysIn](const QKeySequence& key, auto slot) {
    auto* shortcut = new QShortcut(key, keysIn);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this, slot);
  };
  const auto tool = [&](const QString& text, const QString& tip, const QKeySequence& key,
                        auto slot) {
    auto* button = new QPushButton(text);
    button->setToolTip(tip);
    button->setAutoDefault(false);
    button->setFocusPolicy(Qt::TabFocus);
    connect(button, &QPushButton::clicked, this, slot);
    onKey(key, slot);
    tools->addWidget(button);
  };
  tool(QStringLiteral("Side / inline  D"),
       QStringLiteral("Both versions beside or under each other"), Qt::Key_D,
       [this] { diff_->setSideBySide(!diff_->isSideBySide()); });
  tool(QStringLiteral("◂ P"), QStringLiteral("Previous change"), Qt::Key_P,
       [this] { stepChange(false); });
  tool(QStringLiteral("N ▸"), QStringLiteral("Next change, then next object"), Qt::Key_N,
       [this] { stepChange(true); });
  tool(QStringLiteral("Viewed  V"), QStringLiteral("Tick this object off and go to the next"),
       Qt::Key_V, [this] { toggleViewed(); });
  onKey(Qt::Key_BracketLeft, [this] { step(-1); });
  onKey(Qt::Key_BracketRight, [this] { step(1); });
  return tools;
}

void PlanView::setPlan(const api::Plan& plan) {
  const bool samePlan = plan.name() == plan_.name() && plan.digest() == plan_.digest();
  const QString selected = objects_->currentItem() != nullptr
                               ? objects_->currentItem()->data(Qt::UserRole).toString()
                               : QString();
  // A tick says "I have seen this": of another Application it says nothing.
  if (plan.namespace_() != plan_.namespace_() || plan.application() != plan_.application()) {
    viewed_.clear();
  }
  plan_ = plan;
  severalNamespaces_ = models::isOfSeveralNamespaces(plan_);
  showSummary();
  if (samePlan && objects_->count() == plan.changes_size()) return;
  const QSignalBlocker blocker(objects_);
  objects_->clear();
  int row = 0;
  for (int i = 0; i < plan.changes_size(); ++i) {
    auto* item = new QListWidgetItem(objects_);
    item->setData(Qt::UserRole, changeTitle(plan.changes(i)));
    item->setForeground(theme::tone(models::changeTone(plan.changes(i))));
    item->setToolTip(changeTitle(plan.changes(i)));
    item->setSizeHint({0, fontMetrics().height() + 10});
    markItem(i);
    if (item->data(Qt::UserRole).toString() == selected) row = i;
  }
  countViewed();
  objects_->setCurrentRow(row);
  showObject(objects_->currentRow());
}

bool PlanView::isViewed(const api::PlannedChange& change) const {
  const auto seen = viewed_.find(changeTitle(change));
  return seen != viewed_.end() && *seen == client::versionOf(change);
}

void PlanView::markItem(int row) {
  const api::PlannedChange& change = plan_.changes(row);
  objects_->item(row)->setText(
      QStringLiteral("%1 %2").arg(isViewed(change) ? QStringLiteral("☑") : QStringLiteral("☐"),
                                  models::changeLabel(change, severalNamespaces_)));
}

void PlanView::countViewed() {
  int viewed = 0;
  for (const api::PlannedChange& change : plan_.changes()) viewed += isViewed(change) ? 1 : 0;
  viewedCount_->setText(QStringLiteral("viewed %1 of %2").arg(viewed).arg(plan_.changes_size()));
}

void PlanView::showSummary() {
  effect_->setText(models::effectText(plan_));
  const QStringList risks = models::pinnedRisks(plan_);
  const bool deletes = !risks.isEmpty() && risks.front().startsWith(QStringLiteral("✖"));
  pinned_->setWash(deletes ? models::Tone::kBad : models::Tone::kWarning);
  pinned_->setLines(risks);
}

void PlanView::showObject(int row) {
  if (row < 0 || row >= plan_.changes_size()) {
    diff_->setTexts({}, {});
    objectNote_->clear();
    return;
  }
  const api::PlannedChange& change = plan_.changes(row);
  diff_->setTexts(qs(change.before_yaml()), qs(change.after_yaml()));
  diff_->setAccessibleName(QStringLiteral("Differences of %1").arg(changeTitle(change)));
  objectNote_->setText(noteOn(change));
}

void PlanView::step(int by) {
  const int row = objects_->currentRow() + by;
  if (row >= 0 && row < objects_->count()) objects_->setCurrentRow(row);
}

void PlanView::stepChange(bool forward) {
  if (!(forward ? diff_->nextChange() : diff_->previousChange())) step(forward ? 1 : -1);
}

void PlanView::toggleViewed() {
  const int row = objects_->currentRow();
  if (row < 0) return;
  const api::PlannedChange& change = plan_.changes(row);
  const bool wasViewed = isViewed(change);
  if (wasViewed) {
    viewed_.remove(changeTitle(change));
  } else {
    viewed_[changeTitle(change)] = client::versionOf(change);
  }
  markItem(row);
  countViewed();
  if (!wasViewed) step(1);
}

}  // namespace gantry::desktop
