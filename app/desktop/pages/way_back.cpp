// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/way_back.h"

#include "app/desktop/answer.h"
#include "app/desktop/pages/compare_dialog.h"
#include "app/desktop/pages/compare_with_dialog.h"
#include "app/desktop/pages/rollback_dialog.h"
#include "app/desktop/widgets/confirm_dialog.h"
#include "app/models/text.h"
#include "controller/api/answers.h"

namespace gantry::desktop {

using models::qs;

WayBack::WayBack(Session& session, QWidget* window)
    : QObject(window), session_(session), window_(window) {}

void WayBack::tell(const absl::Status& status, const QString& done, const QString& refused) {
  emit answered(answerText(status, done, refused));
}

void WayBack::rollback(const client::Key& application, const std::string& entry) {
  api::RollbackRequest request;
  request.set_namespace_(application.ns);
  request.set_application(application.name);
  request.set_to(entry);
  emit busyChanged(true);
  session_.query<api::RollbackRequest, api::RollbackPreview>(
      &client::Connection::previewRollback, request, this,
      [this, request](const absl::StatusOr<api::RollbackPreview>& preview) {
        emit busyChanged(false);
        if (preview.ok()) return confirmRollback(request, *preview);
        tell(preview.status(), {}, QStringLiteral("No way back to this"));
      });
}

void WayBack::confirmRollback(const api::RollbackRequest& request,
                              const api::RollbackPreview& preview) {
  RollbackDialog dialog(session_, request, preview, window_);
  if (dialog.exec() != QDialog::Accepted) return;
  api::RollbackRequest confirmed = request;
  confirmed.set_reason(dialog.reason().toStdString());
  confirmed.set_digest(preview.plan().digest());
  session_.call<api::RollbackRequest, api::RollbackResponse>(
      QStringLiteral("Roll back %1 to %2")
          .arg(qs(request.application()), models::shortCommit(preview.to().revision().commit())),
      &client::Connection::rollback, std::move(confirmed), this,
      [this](const absl::StatusOr<api::RollbackResponse>& response) { tellRollback(response); });
}

void WayBack::tellRollback(const absl::StatusOr<api::RollbackResponse>& response) {
  if (!response.ok()) return tell(response.status(), {}, QStringLiteral("Refused"));
  if (response->message() != api::kRollbackInGit) {
    emit answered(QStringLiteral("▲ ") + qs(response->message()));
    return;
  }
  emit answered(QStringLiteral("✔ Revert commit %1: %2")
                    .arg(models::describeRevision(response->revert()), qs(response->message())));
}

void WayBack::compare(const client::Key& application, const Side& from, const Side& to) {
  api::CompareRevisionsRequest request;
  request.set_namespace_(application.ns);
  request.set_application(application.name);
  request.set_from(from.revision);
  request.set_to(to.revision);
  emit busyChanged(true);
  session_.query<api::CompareRevisionsRequest, api::Plan>(
      &client::Connection::compareRevisions, request, this,
      [this, application, from, to](const absl::StatusOr<api::Plan>& plan) {
        emit busyChanged(false);
        if (!plan.ok()) return tell(plan.status(), {}, QStringLiteral("Cannot be compared"));
        CompareDialog(session_, {qs(application.name), from.name, to.name, {}}, *plan, window_)
            .exec();
      });
}

void WayBack::compareWith(client::Key application, const std::string& suggested) {
  CompareWithDialog dialog(session_, application, suggested, window_);
  if (dialog.exec() != QDialog::Accepted) return;
  const std::string chosen = dialog.revision();
  if (!dialog.isEntry()) return preview(application, chosen);
  compare(application, {{}, QStringLiteral("applied")}, {chosen, qs(chosen)});
}

void WayBack::preview(const client::Key& application, const std::string& revision) {
  api::PreviewRevisionRequest request;
  request.set_namespace_(application.ns);
  request.set_application(application.name);
  request.set_revision(revision);
  emit busyChanged(true);
  session_.query<api::PreviewRevisionRequest, api::Plan>(
      &client::Connection::previewRevision, request, this,
      [this, application, revision](const absl::StatusOr<api::Plan>& plan) {
        emit busyChanged(false);
        if (!plan.ok()) return tell(plan.status(), {}, QStringLiteral("Cannot be compared"));
        CompareDialog(session_,
                      {qs(application.name), QStringLiteral("applied"),
                       previewTitle(plan->preview(), qs(revision)), qs(plan->message())},
                      *plan, window_)
            .exec();
      });
}

void WayBack::hold(client::Key application, schema::Revision revision) {
  const QString commit = models::shortCommit(revision.commit());
  ConfirmDialog dialog(
      session_,
      {.title = QStringLiteral("Hold %1 back from %2?").arg(commit, qs(application.name)),
       .text = QStringLiteral("%1\n\nNothing applies it to %2 until the hold is lifted, neither "
                              "sync nor an approval. What runs stays as it is.")
                   .arg(models::describeRevision(revision), qs(application.name)),
       .action = QStringLiteral("Hold %1").arg(commit),
       .preview = {},
       .needsReason = true,
       .typeName = {}},
      window_);
  if (dialog.exec() != QDialog::Accepted) return;
  api::HoldRevisionRequest request;
  request.set_namespace_(application.ns);
  request.set_application(application.name);
  request.set_commit(revision.commit());
  request.set_reason(dialog.reason().toStdString());
  session_.call<api::HoldRevisionRequest, api::Hold>(
      QStringLiteral("Hold %1 of %2").arg(commit, qs(application.name)),
      &client::Connection::holdRevision, std::move(request), this,
      [this, commit](const absl::StatusOr<api::Hold>& hold) {
        tell(hold.status(), QStringLiteral("%1 is held").arg(commit), QStringLiteral("Refused"));
      });
}

void WayBack::lift(client::Key key) {
  const client::ObjectPtr found = session_.cache().find(client::Kind::kHold, key);
  if (found == nullptr) return;
  const api::Hold& hold = found->hold();
  const QString commit = models::shortCommit(hold.commit());
  ConfirmDialog dialog(
      session_,
      {.title = QStringLiteral("Lift the hold of %1 on %2?").arg(commit, qs(hold.application())),
       .text = QStringLiteral("Held by %1: %2\n\nThe commit may be planned and applied again.")
                   .arg(qs(hold.by()), qs(hold.reason())),
       .action = QStringLiteral("Lift hold"),
       .preview = {},
       .needsReason = true,
       .typeName = {}},
      window_);
  if (dialog.exec() != QDialog::Accepted) return;
  api::LiftHoldRequest request;
  request.set_namespace_(key.ns);
  request.set_hold(key.name);
  request.set_reason(dialog.reason().toStdString());
  session_.call<api::LiftHoldRequest, api::LiftHoldResponse>(
      QStringLiteral("Lift hold %1").arg(qs(key.name)), &client::Connection::liftHold,
      std::move(request), this, [this, commit](const absl::StatusOr<api::LiftHoldResponse>& done) {
        tell(done.status(), QStringLiteral("%1 may be applied again").arg(commit),
             QStringLiteral("Refused"));
      });
}

}  // namespace gantry::desktop
