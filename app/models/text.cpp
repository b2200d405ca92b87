// SPDX-License-Identifier: Apache-2.0
#include "app/models/text.h"

#include <QDateTime>
#include <algorithm>

#include "base/time.h"

namespace gantry::models {

QString age(const schema::Time& since, qint64 nowMs) {
  if (since.unix_ms() == 0) return {};
  const base::Duration span(std::max<qint64>(0, nowMs - since.unix_ms()));
  return qs(base::formatAge(span));
}

QString clock(const schema::Time& time, qint64 nowMs) {
  if (time.unix_ms() == 0) return {};
  const QDateTime then = QDateTime::fromMSecsSinceEpoch(time.unix_ms());
  const bool today = then.date() == QDateTime::fromMSecsSinceEpoch(nowMs).date();
  return then.toString(today ? QStringLiteral("HH:mm:ss") : QStringLiteral("d MMM HH:mm"));
}

QString shortCommit(const std::string& commit) {
  return qs(commit.substr(0, 7));
}

QString describeRevision(const schema::Revision& revision) {
  if (revision.commit().empty()) return QStringLiteral("nothing");
  QString text = shortCommit(revision.commit());
  if (!revision.subject().empty()) text += QStringLiteral(" \"%1\"").arg(qs(revision.subject()));
  if (!revision.author().empty()) text += QStringLiteral(" (%1)").arg(qs(revision.author()));
  return text;
}

QString counted(qint64 count, const QString& noun) {
  return QStringLiteral("%1 %2%3").arg(count).arg(noun,
                                                  count == 1 ? QString() : QStringLiteral("s"));
}

qint64 nowMs() {
  return QDateTime::currentMSecsSinceEpoch();
}

}  // namespace gantry::models
