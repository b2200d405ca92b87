// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/application_panel.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "app/desktop/theme.h"
#include "app/desktop/widgets/confirm_dialog.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

constexpr std::size_t kShownRecords = 12;

struct Length {
  const char* text;
  std::int64_t seconds;
};
constexpr std::array kLengths = {Length{"until somebody resumes it", 0},
                                 Length{"for 30 minutes", 30 * 60}, Length{"for 2 hours", 2 * 3600},
                                 Length{"for 8 hours", 8 * 3600}, Length{"for a day", 24 * 3600}};

QLabel* section(const QString& title) {
  QLabel* label = plainLabel(title);
  QFont font = label->font();
  font.setWeight(QFont::DemiBold);
  label->setFont(font);
  return label;
}

bool isSuspended(const schema::ApplicationStatus& status) {
  return status.has_suspension() && (!status.suspension().has_expires_at() ||
                                     status.suspension().expires_at().unix_ms() > models::nowMs());
}

QString suspensionText(const schema::Suspension& suspension) {
  return QStringLiteral("‖ by %1 since %2, %3\n%4")
      .arg(qs(suspension.by()), models::clock(suspension.at(), models::nowMs()),
           suspension.has_expires_at()
               ? QStringLiteral("until %1")
                     .arg(models::clock(suspension.expires_at(), models::nowMs()))
               : QStringLiteral("until somebody resumes it"),
           qs(suspension.reason()));
}

QString recordText(const api::AuditRecord& record) {
  QString text = QStringLiteral("%1  %2 %3 by %4")
                     .arg(models::clock(record.at(), models::nowMs()), qs(record.action()),
                          models::shortCommit(record.commit()), qs(record.by()))
                     .simplified();
  if (!record.reason().empty()) text += QStringLiteral("\n      %1").arg(qs(record.reason()));
  return text;
}

}  // namespace

ApplicationPanel::ApplicationPanel(Session& session, Navigator& navigator)
    : session_(session),
      navigator_(navigator),
      suspension_(plainLabel({}, true)),
      suspend_(new GatedButton(QStringLiteral("Suspend…"), session, Role::kOperator)),
      resume_(new GatedButton(QStringLiteral("Resume…"), session, Role::kOperator)),
      gates_(plainLabel({}, true)),
      openPlan_(new QPushButton(QStringLiteral("Open the plan"))),
      audit_(plainLabel({}, true)) {
  auto* content = new QWidget;
  auto* layout = new QVBoxLayout(content);
  layout->setContentsMargins(0, 0, 6, 0);
  layout->setSpacing(5);
  layout->addWidget(section(QStringLiteral("Suspension")));
  layout->addWidget(suspension_);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(suspend_);
  buttons->addWidget(resume_);
  buttons->addStretch();
  layout->addLayout(buttons);
  layout->addSpacing(6);
  layout->addWidget(section(QStringLiteral("Blocked by")));
  layout->addWidget(gates_);
  openPlan_->setAutoDefault(false);
  layout->addWidget(openPlan_, 0, Qt::AlignLeft);
  layout->addSpacing(6);
  layout->addWidget(section(QStringLiteral("Audit trail")));
  layout->addWidget(audit_);
  layout->addStretch();
  setWidget(content);
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setAccessibleName(QStringLiteral("Delivery"));
  suspend_->setHint(QStringLiteral("Nothing is applied until it goes on"));
  resume_->setHint(QStringLiteral("What has gathered meanwhile is planned and applied as usual"));
  connect(suspend_, &QPushButton::clicked, this, &ApplicationPanel::suspend);
  connect(resume_, &QPushButton::clicked, this, &ApplicationPanel::resume);
  connect(openPlan_, &QPushButton::clicked, this,
          [this] { navigator_.openObject(client::Kind::kPlan, {key_.ns, plan_}); });
}

void ApplicationPanel::show(const client::ObjectPtr& object) {
  const bool isApplication = object != nullptr && object->has_application();
  setVisible(isApplication);
  if (!isApplication) return;
  key_ = client::keyOf(*object);
  const schema::ApplicationStatus& status = object->application().status();
  const bool suspended = isSuspended(status);
  suspension_->setText(suspended ? suspensionText(status.suspension())
                                 : QStringLiteral("Not suspended"));
  suspend_->setVisible(!suspended);
  resume_->setVisible(suspended);
  plan_ = status.pending_plan();
  showGates();
  showAudit();
}

void ApplicationPanel::showGates() {
  const client::ObjectPtr found = session_.cache().find(client::Kind::kPlan, {key_.ns, plan_});
  openPlan_->setVisible(found != nullptr);
  QStringList lines;
  if (found != nullptr) {
    for (const api::Gate& gate : found->plan().gates()) {
      if (!gate.open()) {
        lines << QStringLiteral("✖ %1: %2").arg(qs(gate.kind()), qs(gate.message()));
      }
    }
    if (lines.isEmpty()) lines << qs(found->plan().message());
  }
  lines.removeAll(QString());
  gates_->setText(lines.isEmpty() ? QStringLiteral("No plan waits") : lines.join('\n'));
}

void ApplicationPanel::showAudit() {
  std::vector<const api::AuditRecord*> records;
  for (const auto& [key, object] : session_.cache().table(client::Kind::kAuditRecord)) {
    const api::AuditRecord& record = object->audit_record();
    if (record.namespace_() == key_.ns && record.application() == key_.name) {
      records.push_back(&record);
    }
  }
  std::ranges::sort(records, std::greater<>(), &api::AuditRecord::number);
  const std::size_t all = records.size();
  if (all > kShownRecords) records.resize(kShownRecords);
  QStringList lines;
  for (const api::AuditRecord* record : records) lines << recordText(*record);
  if (all > kShownRecords) {
    lines << QStringLiteral("and %1 before: gantry get audit").arg(all - kShownRecords);
  }
  audit_->setText(lines.isEmpty() ? QStringLiteral("Nobody has decided anything yet")
                                  : lines.join('\n'));
}

void ApplicationPanel::suspend() {
  QStringList lengths;
  for (const Length& length : kLengths) lengths << QString::fromLatin1(length.text);
  ConfirmDialog dialog(
      session_,
      {.title = QStringLiteral("Suspend %1?").arg(qs(key_.name)),
       .text = QStringLiteral("Nothing is applied to it, and nothing put back, until it goes on. "
                              "What runs stays as it is."),
       .action = QStringLiteral("Suspend %1").arg(qs(key_.name)),
       .preview = {},
       .needsReason = true,
       .typeName = {},
       .role = Role::kOperator,
       .choiceName = QStringLiteral("How long"),
       .choices = lengths},
      this);
  if (dialog.exec() != QDialog::Accepted) return;
  api::SuspendRequest request;
  request.set_namespace_(key_.ns);
  request.set_application(key_.name);
  request.set_reason(dialog.reason().toStdString());
  request.set_ttl_seconds(kLengths.at(std::size_t(std::max(0, dialog.choice()))).seconds);
  session_.call<api::SuspendRequest, api::SuspendResponse>(
      QStringLiteral("Suspend %1").arg(qs(key_.name)), &client::Connection::suspend,
      std::move(request), this, [](const auto&) {});
}

void ApplicationPanel::resume() {
  ConfirmDialog dialog(session_,
                       {.title = QStringLiteral("Resume %1?").arg(qs(key_.name)),
                        .text = suspension_->text(),
                        .action = QStringLiteral("Resume %1").arg(qs(key_.name)),
                        .preview = {},
                        .needsReason = true,
                        .typeName = {}},
                       this);
  if (dialog.exec() != QDialog::Accepted) return;
  api::ResumeRequest request;
  request.set_namespace_(key_.ns);
  request.set_application(key_.name);
  request.set_reason(dialog.reason().toStdString());
  session_.call<api::ResumeRequest, api::ResumeResponse>(
      QStringLiteral("Resume %1").arg(qs(key_.name)), &client::Connection::resume,
      std::move(request), this, [](const auto&) {});
}

}  // namespace gantry::desktop
