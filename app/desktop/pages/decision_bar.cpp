// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/decision_bar.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "app/client/plan_queue.h"
#include "app/client/review.h"
#include "app/desktop/pages/plan_questions.h"
#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/notices.h"
#include "app/models/plan_words.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

QString idOf(const api::Object& plan) {
  return CommentDrafts::idOf(client::keyOf(plan), plan.plan().digest());
}

QString sentence(const std::string& text) {
  QString said = qs(text);
  if (!said.isEmpty()) said[0] = said[0].toUpper();
  return said;
}

/// "8f2c1a9 → production".
QString target(const api::Plan& plan) {
  return QStringLiteral("%1 → %2").arg(models::shortCommit(plan.revision().commit()),
                                       qs(plan.application()));
}

}  // namespace

DecisionBar::DecisionBar(Session& session)
    : session_(session),
      drafts_(session.context().name),
      note_(plainLabel({}, true)),
      answer_(plainLabel({}, true)),
      comment_(new QLineEdit),
      sync_(new GatedButton(QStringLiteral("Sync…"), session, Role::kOperator)),
      override_(new GatedButton(QStringLiteral("Override…"), session, Role::kOperator)),
      reject_(new GatedButton(QStringLiteral("Reject"), session, Role::kApprover)),
      approve_(new GatedButton(QStringLiteral("Approve"), session, Role::kApprover)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(6);
  layout->addWidget(note_);
  layout->addWidget(answer_);
  comment_->setAccessibleName(QStringLiteral("Comment"));
  approve_->setStyleSheet(QStringLiteral("QPushButton:enabled { font-weight: 600; color: %1 }")
                              .arg(theme::tone(models::Tone::kGood).name()));
  auto* row = new QHBoxLayout;
  row->addWidget(comment_, 1);
  for (GatedButton* button : {sync_, override_, reject_, approve_}) row->addWidget(button);
  layout->addLayout(row);
  connect(approve_, &QPushButton::clicked, this, &DecisionBar::approve);
  connect(reject_, &QPushButton::clicked, this, &DecisionBar::reject);
  connect(override_, &QPushButton::clicked, this, &DecisionBar::override);
  connect(sync_, &QPushButton::clicked, this, &DecisionBar::sync);
  // Who asks decides about what may be approved.
  connect(&session, &Session::serverInfoChanged, this, &DecisionBar::refresh);
  connect(comment_, &QLineEdit::textChanged, this, [this](const QString& text) {
    drafts_.put(id_, text);
    refresh();
  });
}

void DecisionBar::setPlan(const client::ObjectPtr& plan, const QString& objection) {
  outer_ = objection;
  showPlan(plan, idOf(*plan) == id_ ? comment_->text() : drafts_.find(idOf(*plan)));
}

void DecisionBar::setSuccessor(const client::ObjectPtr& plan) {
  outer_.clear();
  const QString own = drafts_.find(idOf(*plan));
  const QString typed = own.isEmpty() ? comment_->text() : own;
  drafts_.drop(id_);
  showPlan(plan, typed);
}

void DecisionBar::showPlan(const client::ObjectPtr& plan, const QString& draft) {
  if (idOf(*plan) != id_) answer_->clear();
  id_ = idOf(*plan);
  plan_ = plan;
  if (draft != comment_->text()) comment_->setText(draft);
  refresh();
}

QString DecisionBar::objection() const {
  if (sent_.contains(id_)) return QStringLiteral("Sent, waiting for the answer");
  return outer_;
}

void DecisionBar::refresh() {
  if (plan_ == nullptr) return;
  comment_->setPlaceholderText(plan().policy().comment_required()
                                   ? QStringLiteral("Comment (required)")
                                   : QStringLiteral("Comment; a rejection needs one"));
  refreshApprove();
  refreshReject();
  refreshOverride();
  refreshSync();
  answer_->setVisible(!answer_->text().isEmpty());
}

QString DecisionBar::whyNotApprove() const {
  if (!client::isOpen(plan())) return QStringLiteral("This plan has ended");
  const client::Key application{plan().namespace_(), plan().application()};
  return sentence(client::whyNotApprove(plan(), session_.serverInfo().identity(),
                                        models::projectOf(session_.cache(), application),
                                        base::fromUnixMs(models::nowMs())));
}

void DecisionBar::refreshApprove() {
  const QString outer = objection();
  const QString refusal = whyNotApprove();
  const bool needsComment = plan().policy().comment_required() && !isCommented();
  approve_->setText(outer_.isEmpty() ? QStringLiteral("Approve %1").arg(target(plan())) : outer_);
  approve_->setObjection(!outer.isEmpty()     ? outer
                         : !refusal.isEmpty() ? refusal
                         : needsComment       ? QStringLiteral("Write a comment first")
                                              : QString());
  approve_->setHint(QStringLiteral("Approves exactly commit %1 with digest %2")
                        .arg(qs(plan().revision().commit()), qs(plan().digest())));
  // A refusal is read before the click, not found by hovering.
  const bool foreseen = answer_->text().isEmpty() && outer.isEmpty() && !refusal.isEmpty() &&
                        client::waitsForApproval(plan(), base::fromUnixMs(models::nowMs()));
  note_->setText(foreseen ? QStringLiteral("▲ %1").arg(refusal) : QString());
  note_->setVisible(foreseen);
}

void DecisionBar::refreshReject() {
  QString against = objection();
  if (against.isEmpty()) against = sentence(client::whyNotReject(plan()));
  if (against.isEmpty() && !isCommented()) against = QStringLiteral("Write why first");
  reject_->setObjection(against);
  reject_->setHint(
      QStringLiteral("Nobody can approve it any more; a newer commit is planned anew"));
}

void DecisionBar::refreshOverride() {
  override_->setVisible(client::mayBeOverridden(plan()));
  override_->setObjection(objection());
  override_->setHint(
      QStringLiteral("Applies exactly digest %1 although a window or a dependency keeps it back")
          .arg(qs(plan().digest())));
}

bool DecisionBar::mayBeSynced() const {
  return client::waitsForSync(plan()) ||
         (plan().state() == api::FAILED && client::isInQueue(session_.cache(), plan()));
}

void DecisionBar::refreshSync() {
  sync_->setVisible(mayBeSynced());
  sync_->setObjection(objection());
  sync_->setHint(
      QStringLiteral("Asks Git now, and applies what %1 waits for").arg(qs(plan().application())));
}

bool DecisionBar::isUnchanged(const client::ObjectPtr& asked) {
  const client::ObjectPtr now = session_.cache().find(client::Kind::kPlan, client::keyOf(*asked));
  const bool same = now != nullptr && now->plan().digest() == asked->plan().digest() &&
                    now->plan().revision().commit() == asked->plan().revision().commit() &&
                    client::isInQueue(session_.cache(), now->plan());
  if (!same) {
    showAnswer(idOf(*asked), absl::AbortedError("changed while you were asked; nothing was sent"),
               {});
  }
  return same;
}

template <class Request, class Response>
void DecisionBar::send(const QString& what, const client::ObjectPtr& asked,
                       void (client::Connection::*method)(Request, client::Callback<Response>),
                       Request request, std::function<QString(const Response&)> done,
                       bool withComment) {
  const QString id = idOf(*asked);
  sent_.insert(id);
  answer_->clear();
  refresh();
  session_.call<Request, Response>(
      what, method, std::move(request), this,
      [this, id, withComment, done = std::move(done)](const absl::StatusOr<Response>& answer) {
        if (answer.ok() && withComment) forgetComment(id);
        showAnswer(id, answer.status(), answer.ok() ? done(*answer) : QString());
      });
}

void DecisionBar::approve() {
  const client::ObjectPtr asked = plan_;
  const api::Plan& plan = asked->plan();
  const std::string comment = comment_->text().trimmed().toStdString();
  if (countDeletions(plan) > 0) {
    ConfirmDialog dialog(session_, deletionQuestion(plan, session_.context().production), this);
    if (dialog.exec() != QDialog::Accepted || !isUnchanged(asked)) return;
  }
  api::ApprovePlanRequest request;
  request.set_namespace_(plan.namespace_());
  request.set_plan(plan.name());
  request.set_commit(plan.revision().commit());
  request.set_digest(plan.digest());
  request.set_comment(comment);
  send<api::ApprovePlanRequest, api::Plan>(
      QStringLiteral("Approve %1 (%2)")
          .arg(qs(plan.name()), models::shortCommit(plan.revision().commit())),
      asked, &client::Connection::approvePlan, std::move(request),
      [](const api::Plan& answer) {
        return QStringLiteral("Approved: %1").arg(qs(answer.message()));
      },
      true);
}

void DecisionBar::reject() {
  const client::ObjectPtr asked = plan_;
  const api::Plan& plan = asked->plan();
  api::RejectPlanRequest request;
  request.set_namespace_(plan.namespace_());
  request.set_plan(plan.name());
  request.set_commit(plan.revision().commit());
  request.set_digest(plan.digest());
  request.set_reason(comment_->text().trimmed().toStdString());
  send<api::RejectPlanRequest, api::Plan>(
      QStringLiteral("Reject %1").arg(qs(plan.name())), asked, &client::Connection::rejectPlan,
      std::move(request), [](const api::Plan&) { return QStringLiteral("Rejected"); }, true);
}

void DecisionBar::override() {
  const client::ObjectPtr asked = plan_;
  const api::Plan& plan = asked->plan();
  ConfirmDialog dialog(session_, overrideQuestion(plan, session_.context().production), this);
  if (dialog.exec() != QDialog::Accepted || !isUnchanged(asked)) return;
  api::SyncRequest request;
  request.set_namespace_(plan.namespace_());
  request.set_application(plan.application());
  request.set_override_digest(plan.digest());
  request.set_reason(dialog.reason().toStdString());
  send<api::SyncRequest, api::SyncResponse>(
      QStringLiteral("Override the gates of %1").arg(qs(plan.name())), asked,
      &client::Connection::sync, std::move(request),
      [](const api::SyncResponse& answer) { return qs(answer.message()); });
}

void DecisionBar::sync() {
  const client::ObjectPtr asked = plan_;
  const api::Plan& plan = asked->plan();
  ConfirmDialog dialog(session_, syncQuestion(plan), this);
  if (dialog.exec() != QDialog::Accepted || !isUnchanged(asked)) return;
  api::SyncRequest request;
  request.set_namespace_(plan.namespace_());
  request.set_application(plan.application());
  request.set_reason(dialog.reason().toStdString());
  send<api::SyncRequest, api::SyncResponse>(
      QStringLiteral("Sync %1").arg(qs(plan.application())), asked, &client::Connection::sync,
      std::move(request), [](const api::SyncResponse& answer) { return qs(answer.message()); });
}

void DecisionBar::forgetComment(const QString& id) {
  drafts_.drop(id);
  if (id == id_) comment_->clear();
}

void DecisionBar::showAnswer(const QString& id, const absl::Status& status, const QString& done) {
  sent_.erase(id);
  if (id == id_) {
    answer_->setText(status.ok()
                         ? QStringLiteral("✔ %1").arg(done)
                         : QStringLiteral("✖ Refused: %1").arg(qs(std::string(status.message()))));
  }
  refresh();
}

}  // namespace gantry::desktop
