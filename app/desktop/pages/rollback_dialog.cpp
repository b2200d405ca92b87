// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/rollback_dialog.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/pages/plan_view.h"
#include "app/desktop/theme.h"
#include "app/desktop/widgets/confirm_dialog.h"
#include "app/desktop/widgets/dialog_body.h"
#include "app/desktop/widgets/gated_button.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/application_text.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

constexpr int kNamedCommits = 6;

QString whatItMakes(const api::RollbackPreview& preview) {
  QStringList lines;
  // Why there is none.
  if (!preview.plan().message().empty()) return models::qs(preview.plan().message());
  lines << QStringLiteral("A revert commit on the followed branch, that undoes:");
  const int named = std::min(preview.reverted_size(), kNamedCommits);
  for (int i = 0; i < named; ++i) {
    lines << QStringLiteral("    ") + models::describeRevision(preview.reverted(i));
  }
  if (const int more = preview.reverted_size() - named; more > 0) {
    lines
        << QStringLiteral("    and %1 before").arg(models::counted(more, QStringLiteral("commit")));
  }
  lines << QStringLiteral(
      "and a hold on it, so that sync does not bring it back. Automatic sync stays on.");
  return lines.join('\n');
}

/// Empty while Git can be read.
QString withoutGit(Session& session, const client::Key& application) {
  const client::ObjectPtr found = session.cache().find(client::Kind::kApplication, application);
  if (found == nullptr) return {};
  const QString problem = models::sourceProblem(found->application().status());
  if (problem.isEmpty()) return {};
  return QStringLiteral(
             "▲ Git cannot be read: the rollback is applied now, and the revert commit follows as "
             "soon as Git can be written. %1")
      .arg(problem);
}

int deletionsOf(const api::Plan& plan) {
  return int(std::ranges::count(plan.changes(), api::DELETE, &api::PlannedChange::action));
}

}  // namespace

RollbackDialog::RollbackDialog(Session& session, const api::RollbackRequest& request,
                               const api::RollbackPreview& preview, QWidget* parent)
    : QDialog(parent), view_(new PlanView), reason_(new QLineEdit) {
  const QString application = models::qs(request.application());
  setWindowTitle(QStringLiteral("Roll back %1").arg(application));
  resize(1040, 700);
  QVBoxLayout* body =
      dialogBody(*this, session,
                 QStringLiteral("Roll back %1 to %2")
                     .arg(application, models::describeRevision(preview.to().revision())));
  body->addWidget(plainLabel(whatItMakes(preview), true));
  const QString warning = withoutGit(session, {request.namespace_(), request.application()});
  if (!warning.isEmpty()) body->addWidget(plainLabel(warning, true));
  view_->diff().setTitles(QStringLiteral("Live now"), QStringLiteral("After the rollback"));
  view_->setPlan(preview.plan());
  body->addWidget(view_, 1);
  body->addLayout(
      makeBottom(session, application, mustTypeName(session, deletionsOf(preview.plan()))));
  body->addWidget(mutedLabel(session.identityText()));
  reason_->setFocus();
}

QLayout* RollbackDialog::makeBottom(Session& session, const QString& application, bool typeName) {
  auto* act =
      new GatedButton(QStringLiteral("Roll back %1").arg(application), session, Role::kOperator);
  act->setStyleSheet(
      QStringLiteral("QPushButton:enabled { font-weight: 600; color: %1 }")
          .arg(theme::tone(typeName ? models::Tone::kBad : models::Tone::kWarning).name()));
  reason_->setPlaceholderText(QStringLiteral("Reason (required): readiness 503 since 12:04"));
  reason_->setAccessibleName(QStringLiteral("Reason"));
  auto* bottom = new QHBoxLayout;
  bottom->addWidget(reason_, 2);
  QLineEdit* name = nullptr;
  if (typeName) {
    name = new QLineEdit;
    name->setPlaceholderText(QStringLiteral("It deletes: type %1 to go on").arg(application));
    name->setAccessibleName(QStringLiteral("Name to confirm"));
    bottom->addWidget(name, 1);
  }
  const auto check = [this, act, name, application] {
    act->setObjection(reason().isEmpty() ? QStringLiteral("Write a reason first")
                      : name != nullptr && name->text() != application
                          ? QStringLiteral("Type the name first")
                          : QString());
  };
  connect(reason_, &QLineEdit::textChanged, this, check);
  if (name != nullptr) connect(name, &QLineEdit::textChanged, this, check);
  check();
  connect(act, &QPushButton::clicked, this, &QDialog::accept);
  auto* cancel = new QPushButton(QStringLiteral("Cancel"));
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  // Return in the reason must not throw it away.
  cancel->setAutoDefault(false);
  act->setAutoDefault(false);
  bottom->addWidget(cancel);
  bottom->addWidget(act);
  return bottom;
}

}  // namespace gantry::desktop
