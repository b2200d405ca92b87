// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/confirm_dialog.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QVBoxLayout>

#include "app/desktop/theme.h"
#include "app/desktop/widgets/dialog_body.h"
#include "app/desktop/widgets/gated_button.h"
#include "app/desktop/widgets/labels.h"

namespace gantry::desktop {

bool mustTypeName(const Session& session, int deletions) {
  constexpr int kMany = 20;
  return deletions > kMany || (deletions > 0 && session.context().production);
}

ConfirmDialog::ConfirmDialog(Session& session, const Question& question, QWidget* parent)
    : QDialog(parent) {
  setWindowTitle(question.title);
  setMinimumWidth(520);
  QVBoxLayout* body = dialogBody(*this, session, question.title);
  body->addWidget(plainLabel(question.text, true));
  if (!question.preview.isEmpty()) {
    auto* preview = new QPlainTextEdit(question.preview);
    preview->setReadOnly(true);
    preview->setFont(theme::codeFont());
    preview->setMinimumHeight(140);
    preview->setAccessibleName(QStringLiteral("What it touches"));
    body->addWidget(preview);
  }
  auto* act = new GatedButton(question.action, session, question.role);
  if (question.needsReason || question.takesReason) {
    reason_ = new QLineEdit;
    reason_->setPlaceholderText(question.needsReason
                                    ? QStringLiteral("Reason (required; others will read it)")
                                    : QStringLiteral("Reason (others will read it)"));
    reason_->setAccessibleName(QStringLiteral("Reason"));
    body->addWidget(reason_);
  }
  if (!question.choices.isEmpty()) {
    choice_ = new QComboBox;
    choice_->addItems(question.choices);
    choice_->setAccessibleName(question.choiceName);
    auto* row = new QHBoxLayout;
    row->addWidget(plainLabel(question.choiceName));
    row->addWidget(choice_, 1);
    body->addLayout(row);
  }
  QLineEdit* name = nullptr;
  if (!question.typeName.isEmpty()) {
    name = new QLineEdit;
    name->setPlaceholderText(QStringLiteral("Type %1 to go on").arg(question.typeName));
    name->setAccessibleName(QStringLiteral("Name to confirm"));
    body->addWidget(name);
  }
  const auto check = [this, act, name, typeName = question.typeName,
                      needsReason = question.needsReason] {
    if (needsReason && reason_->text().trimmed().isEmpty()) {
      act->setObjection(QStringLiteral("Write a reason first"));
    } else if (name != nullptr && name->text() != typeName) {
      act->setObjection(QStringLiteral("Type the name first"));
    } else {
      act->setObjection({});
    }
  };
  check();
  if (reason_ != nullptr) connect(reason_, &QLineEdit::textChanged, this, check);
  if (name != nullptr) connect(name, &QLineEdit::textChanged, this, check);
  connect(act, &QPushButton::clicked, this, &QDialog::accept);
  if (question.needsReason) {
    act->setStyleSheet(QStringLiteral("font-weight: 600; color: %1")
                           .arg(theme::tone(question.typeName.isEmpty() ? models::Tone::kWarning
                                                                        : models::Tone::kBad)
                                    .name()));
  }

  auto* buttons = new QHBoxLayout;
  buttons->addWidget(plainLabel(session.identityText()));
  buttons->addStretch();
  auto* cancel = new QPushButton(QStringLiteral("Cancel"));
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  buttons->addWidget(cancel);
  buttons->addWidget(act);
  body->addSpacing(4);
  body->addLayout(buttons);
  // Return in a text must not throw away what was typed.
  QLineEdit* first = reason_ != nullptr ? reason_ : name;
  cancel->setAutoDefault(first == nullptr);
  act->setAutoDefault(false);
  cancel->setDefault(first == nullptr);
  if (first != nullptr) {
    first->setFocus();
  } else {
    cancel->setFocus();
  }
}

QString ConfirmDialog::reason() const {
  return reason_ == nullptr ? QString() : reason_->text().trimmed();
}

}  // namespace gantry::desktop
