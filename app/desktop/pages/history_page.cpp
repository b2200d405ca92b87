// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/history_page.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <set>

#include "app/desktop/pages/rollback_dialog.h"
#include "app/desktop/theme.h"
#include "app/desktop/widgets/confirm_dialog.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

constexpr int kKeyNs = Qt::UserRole;
constexpr int kKeyName = Qt::UserRole + 1;

QString detailText(const api::HistoryEntry& entry) {
  QStringList lines;
  lines << QStringLiteral("%1, from %2")
               .arg(models::describeRevision(entry.revision()),
                    models::describeRevision(entry.previous()));
  QString how = QStringLiteral("%1 by %2").arg(qs(entry.cause()), qs(entry.initiator()));
  if (!entry.reason().empty()) how += QStringLiteral(": %1").arg(qs(entry.reason()));
  lines << how;
  for (const api::Approval& approval : entry.approvals()) {
    lines << QStringLiteral("✔ approved by %1 %2%3")
                 .arg(qs(approval.by()), models::clock(approval.at(), models::nowMs()),
                      approval.comment().empty()
                          ? QString()
                          : QStringLiteral(": \"%1\"").arg(qs(approval.comment())));
  }
  return lines.join('\n');
}

}  // namespace

HistoryPage::HistoryPage(Session& session, Navigator& navigator)
    : Page(session, navigator),
      application_(new QComboBox),
      filter_(new FilterBar),
      view_(new TableView(QStringLiteral("History"), session.table(client::Kind::kHistoryEntry))),
      detail_(plainLabel({}, true)),
      holds_(plainLabel({}, true)),
      rollback_(new GatedButton(QStringLiteral("Roll back to this…"), session, Role::kOperator)),
      lift_(new GatedButton(QStringLiteral("Lift hold…"), session, Role::kOperator)),
      answer_(plainLabel({}, true)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 12, 0, 10);
  auto* top = new QHBoxLayout;
  top->setContentsMargins(0, 0, 16, 0);
  top->addWidget(headline(QStringLiteral("History")));
  top->addSpacing(12);
  application_->setAccessibleName(QStringLiteral("Application"));
  application_->setMinimumWidth(180);
  application_->addItem(QStringLiteral("All applications"));
  top->addWidget(application_);
  top->addWidget(filter_, 1);
  layout->addLayout(top);
  view_->sortByColumn(0, Qt::DescendingOrder);
  view_->setEmptyText(QStringLiteral("Nothing has been applied yet"));
  view_->setFilterExample(QStringLiteral("cause=rollback  outcome!=Healthy"));
  filter_->setTable(view_);
  setFocusProxy(view_);
  layout->addWidget(view_, 1);

  auto* holdRow = new QHBoxLayout;
  holdRow->setContentsMargins(0, 0, 16, 0);
  holdRow->addWidget(holds_, 1);
  holdRow->addWidget(lift_);
  layout->addLayout(holdRow);
  auto* bottom = new QHBoxLayout;
  bottom->setContentsMargins(0, 4, 16, 0);
  bottom->addWidget(detail_, 1);
  bottom->addWidget(rollback_, 0, Qt::AlignBottom);
  layout->addLayout(bottom);
  layout->addWidget(answer_);
  answer_->hide();
  rollback_->setHint(QStringLiteral("Shows what would change and restart before anything is done"));
  lift_->setHint(QStringLiteral("Lets the held commit be applied again"));

  connect(application_, &QComboBox::currentIndexChanged, this, &HistoryPage::chooseApplication);
  connect(view_, &TableView::currentKeyChanged, this, &HistoryPage::refreshDetail);
  connect(rollback_, &QPushButton::clicked, this, &HistoryPage::previewRollback);
  connect(lift_, &QPushButton::clicked, this, &HistoryPage::liftHold);
  timer_.setSingleShot(true);
  timer_.setInterval(200);
  connect(&timer_, &QTimer::timeout, this, [this] {
    refreshApplications();
    refreshHolds();
    refreshDetail();
  });
  connect(&session, &Session::updated, this, [this] {
    if (!timer_.isActive()) timer_.start();
  });
  refreshApplications();
  refreshHolds();
  refreshDetail();
}

void HistoryPage::reveal(client::Kind kind, const client::Key& key) {
  refreshApplications();
  if (kind == client::Kind::kHistoryEntry) {
    application_->setCurrentIndex(0);
    view_->select(key);
    return;
  }
  for (int i = 1; i < application_->count(); ++i) {
    if (application_->itemData(i, kKeyName).toString() == qs(key.name) &&
        application_->itemData(i, kKeyNs).toString() == qs(key.ns)) {
      application_->setCurrentIndex(i);
    }
  }
}

void HistoryPage::refreshApplications() {
  std::set<client::Key> known;
  for (int i = 1; i < application_->count(); ++i) {
    known.insert({application_->itemData(i, kKeyNs).toString().toStdString(),
                  application_->itemData(i, kKeyName).toString().toStdString()});
  }
  for (const auto& [key, object] : session_.cache().table(client::Kind::kApplication)) {
    if (known.contains(key)) continue;
    application_->addItem(qs(key.ns.empty() ? key.name : key.ns + "/" + key.name));
    application_->setItemData(application_->count() - 1, qs(key.ns), kKeyNs);
    application_->setItemData(application_->count() - 1, qs(key.name), kKeyName);
  }
}

void HistoryPage::chooseApplication() {
  if (application_->currentIndex() == 0) {
    view_->proxy().setScope(nullptr);
  } else {
    view_->proxy().setScope([ns = application_->currentData(kKeyNs).toString().toStdString(),
                             name = application_->currentData(kKeyName).toString().toStdString()](
                                const api::Object& object) {
      const api::HistoryEntry& entry = object.history_entry();
      return entry.application() == name && entry.namespace_() == ns;
    });
  }
  refreshHolds();
}

void HistoryPage::refreshHolds() {
  QStringList lines;
  const QString application = application_->currentData(kKeyName).toString();
  for (const auto& [key, object] : session_.cache().table(client::Kind::kHold)) {
    const api::Hold& hold = object->hold();
    if (!application.isEmpty() && qs(hold.application()) != application) continue;
    lines << QStringLiteral("⚑ %1: %2 is held back by %3 since %4: %5")
                 .arg(qs(hold.application()), models::shortCommit(hold.commit()), qs(hold.by()),
                      models::clock(hold.at(), models::nowMs()), qs(hold.reason()));
    lift_->setProperty("holdNs", qs(key.ns));
    lift_->setProperty("holdName", qs(key.name));
  }
  holds_->setText(lines.join('\n'));
  holds_->setVisible(!lines.isEmpty());
  lift_->setVisible(!lines.isEmpty());
  lift_->setObjection(lines.size() > 1 ? QStringLiteral("Choose one application first")
                                       : QString());
}

void HistoryPage::refreshDetail() {
  const client::ObjectPtr object = view_->currentObject();
  detail_->setText(object == nullptr ? QStringLiteral("Select what you want to go back to")
                                     : detailText(object->history_entry()));
  rollback_->setObjection(
      object == nullptr ? QStringLiteral("Select the revision to go back to first") : QString());
}

void HistoryPage::previewRollback() {
  const client::ObjectPtr object = view_->currentObject();
  if (object == nullptr) return;
  api::RollbackRequest request;
  request.set_namespace_(object->history_entry().namespace_());
  request.set_application(object->history_entry().application());
  request.set_to(object->history_entry().name());
  rollback_->setObjection(QStringLiteral("Asking what it would do"));
  session_.query<api::RollbackRequest, api::RollbackPreview>(
      &client::Connection::previewRollback, request, this,
      [this, request](const absl::StatusOr<api::RollbackPreview>& preview) {
        refreshDetail();
        answer_->setVisible(!preview.ok());
        if (preview.ok()) return showPreview(request, *preview);
        answer_->setText(QStringLiteral("✖ No way back to this: %1")
                             .arg(qs(std::string(preview.status().message()))));
      });
}

void HistoryPage::showPreview(const api::RollbackRequest& request,
                              const api::RollbackPreview& preview) {
  RollbackDialog dialog(session_, request, preview, this);
  if (dialog.exec() != QDialog::Accepted) return;
  api::RollbackRequest confirmed = request;
  confirmed.set_reason(dialog.reason().toStdString());
  confirmed.set_digest(preview.plan().digest());
  session_.call<api::RollbackRequest, api::RollbackResponse>(
      QStringLiteral("Roll back %1 to %2")
          .arg(qs(request.application()), models::shortCommit(preview.to().revision().commit())),
      &client::Connection::rollback, std::move(confirmed), this,
      [this](const absl::StatusOr<api::RollbackResponse>& response) {
        answer_->setVisible(true);
        answer_->setText(response.ok() ? QStringLiteral("✔ Revert commit %1. %2")
                                             .arg(models::describeRevision(response->revert()),
                                                  qs(response->message()))
                                       : QStringLiteral("✖ Refused: %1")
                                             .arg(qs(std::string(response.status().message()))));
      });
}

void HistoryPage::liftHold() {
  ConfirmDialog dialog(
      session_,
      {.title = QStringLiteral("Lift the hold?"),
       .text = holds_->text() + QStringLiteral("\n\nThe commit may be planned and applied again."),
       .action = QStringLiteral("Lift hold"),
       .preview = {},
       .needsReason = true,
       .typeName = {}},
      this);
  if (dialog.exec() != QDialog::Accepted) return;
  api::LiftHoldRequest request;
  request.set_namespace_(lift_->property("holdNs").toString().toStdString());
  request.set_hold(lift_->property("holdName").toString().toStdString());
  request.set_reason(dialog.reason().toStdString());
  session_.call<api::LiftHoldRequest, api::LiftHoldResponse>(
      QStringLiteral("Lift hold %1").arg(qs(request.hold())), &client::Connection::liftHold,
      request, this, [](const auto&) {});
}

}  // namespace gantry::desktop
