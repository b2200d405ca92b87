// SPDX-License-Identifier: Apache-2.0
#include "app/models/application_text.h"

#include <QStringList>

#include "app/models/text.h"

namespace gantry::models {
namespace {

// As controller/delivery/conditions.h names it.
constexpr char kSourceCondition[] = "Source";

}  // namespace

bool isSuspended(const schema::ApplicationStatus& status, qint64 nowMs) {
  return status.has_suspension() && (!status.suspension().has_expires_at() ||
                                     status.suspension().expires_at().unix_ms() > nowMs);
}

QString suspensionText(const schema::Suspension& suspension, qint64 nowMs) {
  return QStringLiteral("by %1 since %2, %3\n%4")
      .arg(qs(suspension.by()), clock(suspension.at(), nowMs),
           suspension.has_expires_at()
               ? QStringLiteral("until %1").arg(clock(suspension.expires_at(), nowMs))
               : QStringLiteral("until somebody resumes it"),
           qs(suspension.reason()));
}

QString sourceProblem(const schema::ApplicationStatus& status) {
  for (const schema::Condition& condition : status.conditions()) {
    if (condition.type() == kSourceCondition && condition.status() == "True") {
      return qs(condition.message());
    }
  }
  return {};
}

QString gitReadText(const schema::ApplicationStatus& status, qint64 nowMs) {
  if (status.last_fetch().unix_ms() == 0) return {};
  const QString ago = QStringLiteral("%1 ago").arg(age(status.last_fetch(), nowMs));
  return sourceProblem(status).isEmpty() ? ago : QStringLiteral("▲ %1, and not since").arg(ago);
}

QString rollbackText(const schema::ApplicationStatus& status, qint64 nowMs) {
  if (!status.has_rollback()) return {};
  const schema::PendingRollback& rollback = status.rollback();
  return QStringLiteral("by %1 since %2: %3; %4")
      .arg(qs(rollback.by()), clock(rollback.at(), nowMs), qs(rollback.reason()),
           rollback.applied() ? QStringLiteral("the revert commit is not in Git yet")
                              : QStringLiteral("not applied yet"));
}

QString problemsText(const schema::ApplicationStatus& status) {
  QStringList lines;
  for (const schema::Condition& condition : status.conditions()) {
    if (condition.status() != "True") continue;
    lines << QStringLiteral("%1: %2").arg(qs(condition.type()), qs(condition.message()));
  }
  return lines.join('\n');
}

}  // namespace gantry::models
