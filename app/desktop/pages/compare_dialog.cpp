// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/compare_dialog.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/desktop/pages/plan_view.h"
#include "app/desktop/widgets/dialog_body.h"
#include "app/desktop/widgets/labels.h"

namespace gantry::desktop {

CompareDialog::CompareDialog(Session& session, const Comparison& comparison, const api::Plan& plan,
                             QWidget* parent)
    : QDialog(parent), view_(new PlanView) {
  setWindowTitle(QStringLiteral("Compare revisions of %1").arg(comparison.application));
  resize(1040, 700);
  QVBoxLayout* body = dialogBody(
      *this, session,
      QStringLiteral("%1: %2 → %3").arg(comparison.application, comparison.from, comparison.to));
  if (!comparison.note.isEmpty()) body->addWidget(plainLabel(comparison.note, true));
  view_->diff().setTitles(comparison.from, comparison.to);
  view_->setPlan(plan);
  body->addWidget(view_, 1);
  auto* close = new QPushButton(QStringLiteral("Close"));
  close->setDefault(true);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  body->addWidget(close, 0, Qt::AlignRight);
}

QString previewTitle(const std::string& preview, const QString& revision) {
  if (preview == "merge") return QStringLiteral("after merging %1").arg(revision);
  if (preview == "fast-forward") return QStringLiteral("after fast-forwarding to %1").arg(revision);
  if (preview == "merged-already") return QStringLiteral("%1, merged already").arg(revision);
  return QStringLiteral("%1 as it is").arg(revision);
}

}  // namespace gantry::desktop
