// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/rollback_dialog.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/desktop/pages/plan_view.h"
#include "app/desktop/theme.h"
#include "app/desktop/widgets/gated_button.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

QString whatItMakes(const api::RollbackPreview& preview) {
  QStringList lines;
  // Why there is none.
  if (!preview.plan().message().empty()) return models::qs(preview.plan().message());
  lines << QStringLiteral("A revert commit on the followed branch, that undoes:");
  for (const schema::Revision& revision : preview.reverted()) {
    lines << QStringLiteral("    ") + models::describeRevision(revision);
  }
  lines << QStringLiteral(
      "and a hold on it, so that sync does not bring it back. Automatic sync stays on.");
  return lines.join('\n');
}

}  // namespace

RollbackDialog::RollbackDialog(Session& session, const api::RollbackRequest& request,
                               const api::RollbackPreview& preview, QWidget* parent)
    : QDialog(parent), view_(new PlanView), reason_(new QLineEdit) {
  const QString application = models::qs(request.application());
  setWindowTitle(QStringLiteral("Roll back %1").arg(application));
  resize(1040, 700);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 14);
  layout->addWidget(clusterStrip(session));
  auto* body = new QVBoxLayout;
  body->setContentsMargins(20, 4, 20, 0);
  body->setSpacing(8);
  layout->addLayout(body, 1);
  body->addWidget(
      headline(QStringLiteral("Roll back %1 to %2")
                   .arg(application, models::describeRevision(preview.to().revision()))));
  body->addWidget(plainLabel(whatItMakes(preview), true));
  view_->diff().setTitles(QStringLiteral("Live now"), QStringLiteral("After the rollback"));
  view_->setPlan(preview.plan());
  body->addWidget(view_, 1);

  auto* act =
      new GatedButton(QStringLiteral("Roll back %1").arg(application), session, Role::kOperator);
  act->setStyleSheet(QStringLiteral("QPushButton:enabled { font-weight: 600; color: %1 }")
                         .arg(theme::tone(models::Tone::kWarning).name()));
  reason_->setPlaceholderText(QStringLiteral("Reason (required): readiness 503 since 12:04"));
  reason_->setAccessibleName(QStringLiteral("Reason"));
  const auto check = [this, act] {
    act->setObjection(reason().isEmpty() ? QStringLiteral("Write a reason first") : QString());
  };
  connect(reason_, &QLineEdit::textChanged, this, check);
  check();
  connect(act, &QPushButton::clicked, this, &QDialog::accept);
  auto* cancel = new QPushButton(QStringLiteral("Cancel"));
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  // Return in the reason must not throw it away.
  cancel->setAutoDefault(false);
  act->setAutoDefault(false);
  auto* bottom = new QHBoxLayout;
  bottom->addWidget(reason_, 1);
  bottom->addWidget(cancel);
  bottom->addWidget(act);
  body->addLayout(bottom);
  body->addWidget(mutedLabel(session.identityText()));
  reason_->setFocus();
}

}  // namespace gantry::desktop
