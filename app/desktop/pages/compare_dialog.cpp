// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/compare_dialog.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/desktop/pages/plan_view.h"
#include "app/desktop/widgets/labels.h"

namespace gantry::desktop {

CompareDialog::CompareDialog(Session& session, const QString& from, const QString& to,
                             const api::Plan& plan, QWidget* parent)
    : QDialog(parent), view_(new PlanView) {
  setWindowTitle(QStringLiteral("Compare"));
  resize(1040, 700);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 14);
  layout->addWidget(clusterStrip(session));
  auto* body = new QVBoxLayout;
  body->setContentsMargins(20, 4, 20, 0);
  body->setSpacing(8);
  layout->addLayout(body, 1);
  body->addWidget(headline(QStringLiteral("%1 → %2").arg(from, to)));
  view_->diff().setTitles(from, to);
  view_->setPlan(plan);
  body->addWidget(view_, 1);
  auto* close = new QPushButton(QStringLiteral("Close"));
  close->setDefault(true);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  body->addWidget(close, 0, Qt::AlignRight);
}

}  // namespace gantry::desktop
