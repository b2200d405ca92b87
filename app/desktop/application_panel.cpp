// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/application_panel.h"

#include <QGridLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/desktop/application_actions.h"
#include "app/desktop/pages/way_back.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/application_text.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

constexpr std::size_t kShownRecords = 6;

QLabel* section(const QString& title) {
  QLabel* label = plainLabel(title);
  QFont font = label->font();
  font.setWeight(QFont::DemiBold);
  label->setFont(font);
  return label;
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
      actions_(new ApplicationActions(session, this)),
      wayBack_(new WayBack(session, this)),
      suspension_(plainLabel({}, true)),
      sync_(new GatedButton(QStringLiteral("Sync…"), session, Role::kOperator)),
      suspend_(new GatedButton(QStringLiteral("Suspend…"), session, Role::kOperator)),
      resume_(new GatedButton(QStringLiteral("Resume…"), session, Role::kOperator)),
      compare_(new GatedButton(QStringLiteral("Compare with…"), session, Role::kViewer)),
      answer_(plainLabel({}, true)),
      gates_(plainLabel({}, true)),
      openPlan_(new QPushButton(QStringLiteral("Open the plan"))),
      audit_(plainLabel({}, true)),
      openAudit_(new QPushButton) {
  auto* content = new QWidget;
  auto* layout = new QVBoxLayout(content);
  layout->setContentsMargins(0, 0, 6, 0);
  layout->setSpacing(5);
  layout->addLayout(makeButtons());
  layout->addWidget(answer_);
  answer_->hide();
  layout->addWidget(suspension_);
  layout->addSpacing(6);
  layout->addWidget(section(QStringLiteral("Blocked by")));
  layout->addWidget(gates_);
  layout->addWidget(openPlan_, 0, Qt::AlignLeft);
  layout->addSpacing(6);
  layout->addWidget(section(QStringLiteral("Audit trail")));
  layout->addWidget(audit_);
  layout->addWidget(openAudit_, 0, Qt::AlignLeft);
  layout->addStretch();
  setWidget(content);
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setAccessibleName(QStringLiteral("Delivery"));
  connectActions();
}

// Two below each other: the inspector is narrow.
QLayout* ApplicationPanel::makeButtons() {
  auto* grid = new QGridLayout;
  grid->addWidget(sync_, 0, 0);
  grid->addWidget(compare_, 0, 1);
  grid->addWidget(suspend_, 1, 0);
  grid->addWidget(resume_, 1, 0);
  grid->setColumnStretch(2, 1);
  sync_->setHint(QStringLiteral("Asks Git now"));
  compare_->setHint(QStringLiteral("What a branch, tag, commit or earlier revision would change"));
  suspend_->setHint(QStringLiteral("Nothing is applied until it goes on"));
  resume_->setHint(QStringLiteral("What has gathered meanwhile is planned and applied as usual"));
  openPlan_->setAutoDefault(false);
  openAudit_->setAutoDefault(false);
  return grid;
}

void ApplicationPanel::connectActions() {
  connect(sync_, &QPushButton::clicked, this, [this] { actions_->sync(key_); });
  connect(suspend_, &QPushButton::clicked, this, [this] { actions_->suspend(key_); });
  connect(resume_, &QPushButton::clicked, this, [this] { actions_->resume(key_); });
  connect(compare_, &QPushButton::clicked, this, [this] { wayBack_->compareWith(key_); });
  connect(actions_, &ApplicationActions::answered, this, &ApplicationPanel::showAnswer);
  connect(wayBack_, &WayBack::answered, this,
          [this](const QString& text) { showAnswer(key_, text); });
  connect(wayBack_, &WayBack::busyChanged, this, [this](bool busy) {
    compare_->setObjection(busy ? QStringLiteral("Asking the controller") : QString());
  });
  connect(openPlan_, &QPushButton::clicked, this,
          [this] { navigator_.openObject(client::Kind::kPlan, {key_.ns, plan_}); });
  connect(openAudit_, &QPushButton::clicked, this,
          [this] { navigator_.openObject(client::Kind::kAuditRecord, {key_.ns, newestRecord_}); });
}

void ApplicationPanel::show(const client::ObjectPtr& object) {
  const bool isApplication = object != nullptr && object->has_application();
  setVisible(isApplication);
  if (!isApplication) return;
  const client::Key key = client::keyOf(*object);
  if (std::exchange(key_, key) != key) answer_->hide();
  const schema::ApplicationStatus& status = object->application().status();
  const bool suspended = models::isSuspended(status, models::nowMs());
  suspension_->setText(suspended ? QStringLiteral("‖ Suspended ") +
                                       models::suspensionText(status.suspension(), models::nowMs())
                                 : QString());
  suspension_->setVisible(suspended);
  suspend_->setVisible(!suspended);
  resume_->setVisible(suspended);
  plan_ = status.pending_plan();
  showGates();
  showAudit();
}

// What was asked of another Application than is shown now can be read under Activity.
void ApplicationPanel::showAnswer(const client::Key& application, const QString& text) {
  if (application != key_) return;
  answer_->setText(text);
  answer_->show();
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
  audit_->setText(lines.isEmpty() ? QStringLiteral("Nobody has decided anything yet")
                                  : lines.join('\n'));
  openAudit_->setVisible(all > 0);
  openAudit_->setText(
      QStringLiteral("Open %1").arg(models::counted(qint64(all), QStringLiteral("record"))));
  newestRecord_ = records.empty() ? std::string() : records.front()->name();
}

}  // namespace gantry::desktop
