// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/rollouts_page.h"

#include "app/desktop/answer.h"
#include "app/desktop/pages/workloads_page.h"
#include "app/desktop/widgets/confirm_dialog.h"
#include "app/models/overview.h"
#include "app/models/text.h"

namespace gantry::desktop {

RolloutsPage::RolloutsPage(Session& session, Navigator& navigator)
    : QuickPage(session, navigator, QStringLiteral("Rollouts.qml")),
      rollouts_({"id", "ns", "name", "status", "tone", "why", "whyTone", "paused", "rolling",
                 "summary", "newImage", "oldImage", "newBlocks", "oldBlocks", "failingPod"}) {}

void RolloutsPage::refresh() {
  rollouts_.setRows(models::rolloutRows(session_.cache()));
}

void RolloutsPage::reveal(client::Kind kind, const client::Key& key) {
  wanted_ = models::qs(client::kindName(kind) + "/" + key.ns + "/" + key.name);
  emit wantedChanged();
}

void RolloutsPage::pause(const QString& ns, const QString& name) {
  ConfirmDialog dialog(
      session_,
      {.title = QStringLiteral("Pause the rollout of %1/%2").arg(ns, name),
       .text = QStringLiteral(
           "Pods that run stay as they are; no more are replaced until it is resumed."),
       .action = QStringLiteral("Pause %1").arg(name),
       .preview = {},
       .needsReason = true,
       .typeName = {}},
      this);
  if (dialog.exec() == QDialog::Accepted) send(true, ns, name, dialog.reason());
}

void RolloutsPage::resume(const QString& ns, const QString& name) {
  ConfirmDialog dialog(
      session_,
      {.title = QStringLiteral("Resume the rollout of %1/%2").arg(ns, name),
       .text = QStringLiteral("Pods are replaced again, as the Deployment's strategy says."),
       .action = QStringLiteral("Resume %1 on %2").arg(name, session_.clusterName()),
       .preview = {},
       .typeName = {}},
      this);
  if (dialog.exec() == QDialog::Accepted) send(false, ns, name, {});
}

void RolloutsPage::send(bool pause, const QString& ns, const QString& name, const QString& reason) {
  api::RolloutRequest request;
  request.set_namespace_(ns.toStdString());
  request.set_deployment(name.toStdString());
  request.set_reason(reason.toStdString());
  session_.call<api::RolloutRequest, api::RolloutResponse>(
      QStringLiteral("%1 rollout of %2/%3")
          .arg(pause ? QStringLiteral("Pause") : QStringLiteral("Resume"), ns, name),
      pause ? &client::Connection::pauseRollout : &client::Connection::resumeRollout,
      std::move(request), this,
      [this, row = ns + '/' + name](const absl::StatusOr<api::RolloutResponse>& response) {
        answer_ = answerText(response.status(),
                             response.ok() ? models::qs(response->message()) : QString());
        answerTone_ = response.ok() ? models::Tone::kGood : models::Tone::kBad;
        answeredRow_ = row;
        emit answerChanged();
      });
}

void RolloutsPage::logs(const QString& ns, const QString& name, const QString& pod) {
  if (!pod.isEmpty()) return navigator_.showLogs(ns, {pod});
  const client::ObjectPtr object =
      session_.cache().find(client::Kind::kDeployment, {ns.toStdString(), name.toStdString()});
  if (object == nullptr) return;
  QStringList pods;
  for (const client::ObjectPtr& member : podsOf(session_.cache(), *object)) {
    pods << models::qs(member->pod().metadata().name());
  }
  if (!pods.isEmpty()) navigator_.showLogs(ns, pods);
}

}  // namespace gantry::desktop
