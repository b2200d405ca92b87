// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/plan_view.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QVBoxLayout>

#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/node_load.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

QString actionMark(api::ChangeAction action) {
  switch (action) {
    case api::CREATE:
      return QStringLiteral("+");
    case api::DELETE:
      return QStringLiteral("✖");
    default:
      return QStringLiteral("~");
  }
}

models::Tone actionTone(api::ChangeAction action) {
  switch (action) {
    case api::CREATE:
      return models::Tone::kGood;
    case api::DELETE:
      return models::Tone::kBad;
    default:
      return models::Tone::kBusy;
  }
}

QString where(const api::PlannedChange& change) {
  return qs(change.namespace_().empty() ? change.name()
                                        : change.namespace_() + "/" + change.name());
}

/// The end of a path says enough beside the object: "containers[web].image".
QString shortPath(const std::string& path) {
  const QStringList parts = qs(path).split('.');
  return parts.mid(std::max<qsizetype>(0, parts.size() - 2)).join('.');
}

QString value(bool has, const std::string& text) {
  return has ? qs(text) : QStringLiteral("(not set)");
}

}  // namespace

QString changeTitle(const api::PlannedChange& change) {
  return qs(change.kind()) + ' ' + where(change);
}

QString effectText(const api::Plan& plan) {
  int created = 0, changed = 0, deleted = 0;
  for (const api::PlannedChange& change : plan.changes()) {
    created += change.action() == api::CREATE ? 1 : 0;
    changed += change.action() == api::UPDATE ? 1 : 0;
    deleted += change.action() == api::DELETE ? 1 : 0;
  }
  QStringList parts;
  if (changed > 0) parts << QStringLiteral("%1 changed").arg(changed);
  if (created > 0) parts << QStringLiteral("%1 added").arg(created);
  if (deleted > 0) parts << QStringLiteral("✖ %1 DELETED").arg(deleted);
  const api::PlanEffect& effect = plan.effect();
  const auto pods = [&parts](int count, const QString& what) {
    if (count > 0) parts << models::counted(count, QStringLiteral("pod")) + ' ' + what;
  };
  pods(effect.pods_restarted(), QStringLiteral("replaced"));
  pods(effect.pods_created(), QStringLiteral("added"));
  pods(effect.pods_deleted(), QStringLiteral("removed"));
  const auto signedText = [](qint64 amount, const QString& text) {
    return amount > 0 ? '+' + text : text;
  };
  if (effect.cpu_millis_delta() != 0) {
    parts << QStringLiteral("CPU ") + signedText(effect.cpu_millis_delta(),
                                                 models::formatCpu(effect.cpu_millis_delta()));
  }
  if (effect.memory_bytes_delta() != 0) {
    parts << QStringLiteral("memory ") +
                 signedText(effect.memory_bytes_delta(),
                            models::formatMemory(effect.memory_bytes_delta()));
  }
  int homeless = 0;
  for (const api::PlannedPod& pod : effect.placements()) homeless += pod.node().empty() ? 1 : 0;
  if (homeless > 0) {
    parts << QStringLiteral("▲ %1 nowhere")
                 .arg(models::counted(
                     homeless, homeless == 1 ? QStringLiteral("pod fits") : QStringLiteral("pod")));
  } else if (effect.placements_size() > 0) {
    parts << QStringLiteral("all fit");
  }
  return parts.isEmpty() ? QStringLiteral("changes nothing")
                         : parts.join(QStringLiteral("   ·   "));
}

QStringList pinnedRisks(const api::Plan& plan) {
  QStringList deletions, risks;
  for (const api::PlannedChange& change : plan.changes()) {
    if (change.action() == api::DELETE) {
      deletions << QStringLiteral("✖ DELETE %1").arg(changeTitle(change));
      continue;
    }
    if (change.action() != api::UPDATE) continue;
    for (const api::FieldChange& field : change.fields()) {
      if (!field.risk()) continue;
      risks << QStringLiteral("▲ %1  %2:  %3 → %4")
                   .arg(where(change), shortPath(field.path()),
                        value(field.has_before(), field.before()),
                        value(field.has_after(), field.after()));
    }
  }
  return deletions + risks;
}

PlanView::PlanView(QWidget* parent)
    : QWidget(parent),
      effect_(plainLabel({}, true)),
      pinned_(plainLabel({}, true)),
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
  pinned_->setMargin(8);
  layout->addWidget(pinned_);

  auto* split = new QSplitter(Qt::Horizontal);
  objects_->setFrameShape(QFrame::NoFrame);
  objects_->setAccessibleName(QStringLiteral("Objects of the plan"));
  objects_->setTextElideMode(Qt::ElideMiddle);
  split->addWidget(objects_);
  split->addWidget(diff_);
  split->setStretchFactor(1, 1);
  split->setSizes({210, 700});
  layout->addWidget(split, 1);

  auto* tools = new QHBoxLayout;
  tools->addWidget(viewedCount_);
  tools->addWidget(objectNote_, 1);
  const auto tool = [&](const QString& text, const QString& tip, const QKeySequence& key,
                        auto slot) {
    auto* button = new QPushButton(text);
    button->setToolTip(tip);
    button->setAutoDefault(false);
    button->setFocusPolicy(Qt::TabFocus);
    connect(button, &QPushButton::clicked, this, slot);
    auto* shortcut = new QShortcut(key, this);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this, slot);
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
  for (const int by : {-1, 1}) {
    auto* key = new QShortcut(by < 0 ? Qt::Key_BracketLeft : Qt::Key_BracketRight, this);
    key->setContext(Qt::WidgetWithChildrenShortcut);
    connect(key, &QShortcut::activated, this, [this, by] { step(by); });
  }
  layout->addLayout(tools);
  diff_->setTitles(QStringLiteral("Live now"), QStringLiteral("After approval"));
  connect(objects_, &QListWidget::currentRowChanged, this, &PlanView::showObject);
}

void PlanView::setPlan(const api::Plan& plan) {
  const bool samePlan = plan.name() == plan_.name() && plan.digest() == plan_.digest();
  const QString selected = objects_->currentItem() != nullptr
                               ? objects_->currentItem()->data(Qt::UserRole).toString()
                               : QString();
  plan_ = plan;
  // A tick says "I have seen this": of another plan it says nothing.
  if (!samePlan) viewed_.clear();
  showSummary();
  if (samePlan && objects_->count() == plan.changes_size()) return;
  const QSignalBlocker blocker(objects_);
  objects_->clear();
  int row = 0;
  for (int i = 0; i < plan.changes_size(); ++i) {
    auto* item = new QListWidgetItem(objects_);
    item->setData(Qt::UserRole, changeTitle(plan.changes(i)));
    item->setForeground(theme::tone(actionTone(plan.changes(i).action())));
    item->setToolTip(changeTitle(plan.changes(i)));
    item->setSizeHint({0, fontMetrics().height() + 10});
    markItem(i);
    if (item->data(Qt::UserRole).toString() == selected) row = i;
  }
  objects_->setCurrentRow(row);
  showObject(objects_->currentRow());
}

void PlanView::markItem(int row) {
  QListWidgetItem* item = objects_->item(row);
  const api::PlannedChange& change = plan_.changes(row);
  item->setText(
      QStringLiteral("%1 %2 %3 %4")
          .arg(viewed_.contains(changeTitle(change)) ? QStringLiteral("☑") : QStringLiteral("☐"),
               actionMark(change.action()), qs(change.kind()), qs(change.name())));
  viewedCount_->setText(
      QStringLiteral("viewed %1 of %2").arg(viewed_.size()).arg(plan_.changes_size()));
}

void PlanView::showSummary() {
  effect_->setText(effectText(plan_));
  const QStringList risks = pinnedRisks(plan_);
  pinned_->setVisible(!risks.isEmpty());
  pinned_->setText(risks.join('\n'));
  const bool deletes = !risks.isEmpty() && risks.front().startsWith(QStringLiteral("✖"));
  const QColor wash = theme::toneWash(deletes ? models::Tone::kBad : models::Tone::kWarning);
  pinned_->setStyleSheet(QStringLiteral("background: rgba(%1,%2,%3,%4); border-radius: 4px;")
                             .arg(wash.red())
                             .arg(wash.green())
                             .arg(wash.blue())
                             .arg(wash.alpha()));
}

void PlanView::showObject(int row) {
  if (row < 0 || row >= plan_.changes_size()) {
    diff_->setTexts({}, {});
    objectNote_->clear();
    return;
  }
  const api::PlannedChange& change = plan_.changes(row);
  diff_->setTexts(qs(change.before_yaml()), qs(change.after_yaml()));
  objectNote_->setText(qs(change.reason()));
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
  const QString title = changeTitle(plan_.changes(row));
  const bool wasViewed = viewed_.remove(title);
  if (!wasViewed) viewed_.insert(title);
  markItem(row);
  if (!wasViewed) step(1);
}

}  // namespace gantry::desktop
