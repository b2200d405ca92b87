// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/application_actions.h"

#include <algorithm>
#include <array>

#include "app/desktop/answer.h"
#include "app/desktop/widgets/confirm_dialog.h"
#include "app/models/application_text.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

struct Length {
  const char* text;
  std::int64_t seconds;
};
constexpr std::array kLengths = {Length{"until somebody resumes it", 0},
                                 Length{"for 30 minutes", 30 * 60}, Length{"for 2 hours", 2 * 3600},
                                 Length{"for 8 hours", 8 * 3600}, Length{"for a day", 24 * 3600}};

template <class Response>
QString toldBy(const absl::StatusOr<Response>& response) {
  return answerText(response.status(), response.ok() ? qs(response->message()) : QString());
}

Question syncQuestion(const QString& name) {
  return {.title = QStringLiteral("Sync %1?").arg(name),
          .text = QStringLiteral("Asks Git now, and applies what waits if its gates are open. What "
                                 "still needs an approval goes on waiting."),
          .action = QStringLiteral("Sync %1").arg(name),
          .preview = {},
          .typeName = {},
          .takesReason = true};
}

Question suspendQuestion(const QString& name) {
  QStringList lengths;
  for (const Length& length : kLengths) lengths << QString::fromLatin1(length.text);
  return {
      .title = QStringLiteral("Suspend %1?").arg(name),
      .text = QStringLiteral("Nothing is applied to it, and nothing put back, until it goes on. "
                             "What runs stays as it is."),
      .action = QStringLiteral("Suspend %1").arg(name),
      .preview = {},
      .needsReason = true,
      .typeName = {},
      .role = Role::kOperator,
      .choiceName = QStringLiteral("How long"),
      .choices = lengths};
}

Question resumeQuestion(const QString& name, const QString& suspension) {
  return {.title = QStringLiteral("Resume %1?").arg(name),
          .text = QStringLiteral("Suspended %1").arg(suspension),
          .action = QStringLiteral("Resume %1").arg(name),
          .preview = {},
          .needsReason = true,
          .typeName = {}};
}

}  // namespace

ApplicationActions::ApplicationActions(Session& session, QWidget* window)
    : QObject(window), session_(session), window_(window) {}

// As bytes: that somebody else has suspended it meanwhile is another suspension.
std::string ApplicationActions::suspensionOf(const client::Key& application) {
  const client::ObjectPtr found = session_.cache().find(client::Kind::kApplication, application);
  return found == nullptr ? "gone" : found->application().status().suspension().SerializeAsString();
}

bool ApplicationActions::isUnchanged(const client::Key& application,
                                     const std::string& suspension) {
  if (suspensionOf(application) == suspension) return true;
  emit answered(application, QStringLiteral("✖ Changed while you were asked; look at it again"));
  return false;
}

void ApplicationActions::sync(client::Key application) {
  const QString name = qs(application.name);
  ConfirmDialog dialog(session_, syncQuestion(name), window_);
  if (dialog.exec() != QDialog::Accepted) return;
  api::SyncRequest request;
  request.set_namespace_(application.ns);
  request.set_application(application.name);
  request.set_reason(dialog.reason().toStdString());
  session_.call<api::SyncRequest, api::SyncResponse>(
      QStringLiteral("Sync %1").arg(name), &client::Connection::sync, std::move(request), this,
      [this, application](const absl::StatusOr<api::SyncResponse>& response) {
        emit answered(application, toldBy(response));
      });
}

void ApplicationActions::suspend(client::Key application) {
  const QString name = qs(application.name);
  const std::string before = suspensionOf(application);
  ConfirmDialog dialog(session_, suspendQuestion(name), window_);
  if (dialog.exec() != QDialog::Accepted || !isUnchanged(application, before)) return;
  api::SuspendRequest request;
  request.set_namespace_(application.ns);
  request.set_application(application.name);
  request.set_reason(dialog.reason().toStdString());
  request.set_ttl_seconds(kLengths.at(std::size_t(std::max(0, dialog.choice()))).seconds);
  session_.call<api::SuspendRequest, api::SuspendResponse>(
      QStringLiteral("Suspend %1").arg(name), &client::Connection::suspend, std::move(request),
      this, [this, application](const absl::StatusOr<api::SuspendResponse>& response) {
        emit answered(application, toldBy(response));
      });
}

void ApplicationActions::resume(client::Key application) {
  const client::ObjectPtr found = session_.cache().find(client::Kind::kApplication, application);
  if (found == nullptr) return;
  const QString name = qs(application.name);
  const std::string before = suspensionOf(application);
  const QString text =
      models::suspensionText(found->application().status().suspension(), models::nowMs());
  ConfirmDialog dialog(session_, resumeQuestion(name, text), window_);
  if (dialog.exec() != QDialog::Accepted || !isUnchanged(application, before)) return;
  api::ResumeRequest request;
  request.set_namespace_(application.ns);
  request.set_application(application.name);
  request.set_reason(dialog.reason().toStdString());
  session_.call<api::ResumeRequest, api::ResumeResponse>(
      QStringLiteral("Resume %1").arg(name), &client::Connection::resume, std::move(request), this,
      [this, application](const absl::StatusOr<api::ResumeResponse>& response) {
        emit answered(application, toldBy(response));
      });
}

}  // namespace gantry::desktop
