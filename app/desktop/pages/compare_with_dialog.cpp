// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/compare_with_dialog.h"

#include <QCompleter>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>
#include <algorithm>
#include <vector>

#include "app/desktop/widgets/dialog_body.h"
#include "app/desktop/widgets/gated_button.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

/// The entries of an Application's history, newest first.
std::vector<client::ObjectPtr> entriesOf(const client::LiveCache& cache,
                                         const client::Key& application) {
  std::vector<client::ObjectPtr> entries;
  for (const auto& [key, object] : cache.table(client::Kind::kHistoryEntry)) {
    const api::HistoryEntry& entry = object->history_entry();
    if (entry.namespace_() == application.ns && entry.application() == application.name) {
      entries.push_back(object);
    }
  }
  std::ranges::sort(entries, std::greater<>(), [](const client::ObjectPtr& object) {
    return object->history_entry().started_at().unix_ms();
  });
  return entries;
}

}  // namespace

CompareWithDialog::CompareWithDialog(Session& session, const client::Key& application,
                                     const std::string& suggested, QWidget* parent)
    : QDialog(parent), revision_(new QComboBox) {
  const QString name = qs(application.name);
  setWindowTitle(QStringLiteral("Compare %1").arg(name));
  setMinimumWidth(560);
  QVBoxLayout* body =
      dialogBody(*this, session, QStringLiteral("Compare what runs of %1").arg(name));
  body->addWidget(plainLabel(
      QStringLiteral("With a branch, a tag or a commit: what merging it would change. With an "
                     "entry of the history: how that differs. Nothing is applied."),
      true));
  revision_->setEditable(true);
  revision_->setInsertPolicy(QComboBox::NoInsert);
  revision_->setCompleter(nullptr);
  revision_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  revision_->setMinimumContentsLength(48);
  revision_->setAccessibleName(QStringLiteral("Revision"));
  revision_->lineEdit()->setAccessibleName(QStringLiteral("Revision"));
  revision_->lineEdit()->setPlaceholderText(QStringLiteral("feature/pool, v1.5.0, 8f2c1a9"));
  for (const client::ObjectPtr& object : entriesOf(session.cache(), application)) {
    const api::HistoryEntry& entry = object->history_entry();
    revision_->addItem(
        QStringLiteral("%1: %2").arg(qs(entry.name()), models::describeRevision(entry.revision())),
        qs(entry.name()));
  }
  revision_->setCurrentIndex(suggested.empty() ? -1 : revision_->findData(qs(suggested)));
  body->addWidget(revision_);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch();
  auto* cancel = new QPushButton(QStringLiteral("Cancel"));
  cancel->setAutoDefault(false);
  auto* act = new GatedButton(QStringLiteral("Compare"), session, Role::kViewer);
  // It changes nothing: Return may do it.
  act->setDefault(true);
  buttons->addWidget(cancel);
  buttons->addWidget(act);
  body->addLayout(buttons);
  const auto check = [this, act] {
    act->setObjection(revision().empty() ? QStringLiteral("Name a revision first") : QString());
  };
  connect(revision_, &QComboBox::editTextChanged, this, check);
  connect(act, &QPushButton::clicked, this, &QDialog::accept);
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  check();
  revision_->setFocus();
  revision_->lineEdit()->selectAll();
}

int CompareWithDialog::chosenEntry() const {
  const QString text = revision_->currentText().trimmed();
  const int byText = revision_->findText(text, Qt::MatchExactly | Qt::MatchCaseSensitive);
  return byText >= 0 ? byText : revision_->findData(text);
}

bool CompareWithDialog::isEntry() const {
  return chosenEntry() >= 0;
}

std::string CompareWithDialog::revision() const {
  const int entry = chosenEntry();
  const QString text =
      entry >= 0 ? revision_->itemData(entry).toString() : revision_->currentText();
  return text.trimmed().toStdString();
}

}  // namespace gantry::desktop
